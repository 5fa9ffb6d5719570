import { createHash, timingSafeEqual } from 'node:crypto'
import type { Role } from '@vesemir/contract'
import type { TokenSettings } from './config.ts'

/** Whom a token stands for. `sha256` tells the token itself: a session made from one ends when it is changed. */
export interface Identity {
  name: string
  role: Role
  sha256: string
}

export interface Tokens {
  /** Whose token this is. */
  identify(token: string): Identity | undefined
  find(name: string): Identity | undefined
}

/** Knows the tokens of the settings by their sums. */
export function createTokens(settings: TokenSettings): Tokens {
  const identities = Object.entries(settings).map(([name, { role, sha256 }]) => ({ name, role, sha256 }))
  const byName = new Map(identities.map((identity) => [identity.name, identity]))
  return {
    identify(token) {
      const given = createHash('sha256').update(token).digest()
      // All are compared, each in constant time: how long it takes tells nothing about any.
      const matches = identities.filter(({ sha256 }) => timingSafeEqual(given, Buffer.from(sha256, 'hex')))
      return matches[0]
    },
    find: (name) => byName.get(name),
  }
}
