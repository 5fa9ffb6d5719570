import type { Grant, Principal } from '@vesemir/contract'

/** Whom a credential stands for. */
export interface Identity {
  /** What a browser's cookie says of it. Where `expiresMs` is there, streams wait for the end of the session of this name. */
  key: string
  principal: Principal
  grants: readonly Grant[]
  /** Tells the credential itself: a session that was started with it ends when it is changed. */
  sha256: string
  /** When it ends, if it does. */
  expiresMs?: number
  /** The name of the token that somebody made, if it is one. */
  token?: string
}

const kinds = { apiToken: 'api-token:', person: 'person:' }

/** Returns the key of a token that somebody made. */
export function keyOfApiToken(id: string): string {
  return kinds.apiToken + id
}

/** Returns the key of a session of a person. */
export function keyOfPerson(id: string): string {
  return kinds.person + id
}

/** Returns whose key it is. The settings' tokens have their names, in which no colon is. */
export function readKey(key: string): { apiToken: string } | { person: string } | { name: string } {
  if (key.startsWith(kinds.apiToken)) return { apiToken: key.slice(kinds.apiToken.length) }
  if (key.startsWith(kinds.person)) return { person: key.slice(kinds.person.length) }
  return { name: key }
}
