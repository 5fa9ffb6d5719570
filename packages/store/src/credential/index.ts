export { createApiTokens, type ApiTokens, type StoredToken } from './api-tokens.ts'
export { createPersonSessions, type PersonSession, type PersonSessions } from './person-sessions.ts'
export { createSeal, type Seal } from './seal.ts'
