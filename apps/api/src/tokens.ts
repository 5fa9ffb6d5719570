import { hash, timingSafeEqual } from 'node:crypto'
import type { Grant } from '@vesemir/contract'
import type { TokenSettings } from './config.ts'
import type { Identity } from './identity.ts'

export interface Tokens {
  /** Whose token this is. */
  identify(token: string): Identity | undefined
  find(name: string): Identity | undefined
}

/** Knows the tokens of the settings by their sums. */
export function createTokens(settings: TokenSettings, grantsOf: (name: string) => readonly Grant[]): Tokens {
  const identities = Object.entries(settings).map(([name, { role, sha256 }]) => ({
    key: name,
    principal: { kind: 'token' as const, name },
    grants: [...(role ? [{ role }] : []), ...grantsOf(name)],
    sha256,
  }))
  const byName = new Map(identities.map((identity) => [identity.key, identity]))
  const sums = identities.map((identity) => ({ identity, sum: Buffer.from(identity.sha256, 'hex') }))
  return {
    identify(token) {
      const given = hash('sha256', token, 'buffer')
      // All are compared, each in constant time: how long it takes tells nothing about any.
      const matches = sums.filter(({ sum }) => timingSafeEqual(given, sum))
      return matches[0]?.identity
    },
    find: (name) => byName.get(name),
  }
}
