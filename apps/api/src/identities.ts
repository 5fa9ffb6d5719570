import { grantWithin } from '@vesemir/core'
import type { ApiTokens, StoredToken } from '@vesemir/store/credential'
import type { GrantSettings, TokenSettings } from './config.ts'
import type { Identity } from './identity.ts'
import { createTokens } from './tokens.ts'

/** What the settings say of who may do what. */
export interface AccessSettings {
  tokens: TokenSettings
  grants?: GrantSettings | undefined
}

export interface Identities {
  /** Whose token this is. */
  identify(token: string): Promise<Identity | undefined>
  /** Finds by the key of an identity, with what it may do now. */
  find(key: string): Promise<Identity | undefined>
  /** Puts other settings in the place of those so far. */
  replace(settings: AccessSettings): void
  /** Aborted when the settings are replaced. */
  readonly replaced: AbortSignal
}

const apiTokenKey = 'api-token:'

/** Knows the tokens of the settings, and those that people made. What these may do is never more than what their owner may do now. */
export function createIdentities(
  settings: AccessSettings,
  { apiTokens }: { apiTokens?: Pick<ApiTokens, 'identify' | 'find'> | undefined } = {},
): Identities {
  let tokens = createTokens(settings.tokens, settings.grants)
  let replacing = new AbortController()
  const identityOf = (token: StoredToken | undefined): Identity | undefined => {
    const owner = token && tokens.find(token.owner.name)
    if (!owner) return undefined
    const { id, owner: principal, sha256 } = token
    const grants = token.grants.filter((grant) => grantWithin(grant, owner.grants))
    return { key: apiTokenKey + id, principal, grants, sha256, token }
  }
  return {
    identify: async (token) => tokens.identify(token) ?? identityOf(await apiTokens?.identify(token)),
    async find(key) {
      if (!key.startsWith(apiTokenKey)) return tokens.find(key)
      return identityOf(await apiTokens?.find(key.slice(apiTokenKey.length)))
    },
    replace(changed) {
      tokens = createTokens(changed.tokens, changed.grants)
      replacing.abort()
      replacing = new AbortController()
    },
    get replaced() {
      return replacing.signal
    },
  }
}

/** Returns the session that ends when a token is revoked, for those who wait for that. */
export function sessionOfToken({ id }: Pick<StoredToken, 'id'>): string {
  return apiTokenKey + id
}
