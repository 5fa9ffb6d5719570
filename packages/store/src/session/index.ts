export { createSignedOutSessions, type SignedOutSessions } from './signed-out-sessions.ts'
