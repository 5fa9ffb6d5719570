export { createApiTokens, type ApiTokens, type StoredToken } from './api-tokens.ts'
export type { Principal } from './principal.ts'
