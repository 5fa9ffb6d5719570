import type { Grant, Principal } from '@vesemir/contract'
import { grantWithin } from '@vesemir/core'
import type { ApiTokens, PersonSession, StoredToken } from '@vesemir/store/credential'
import type { Access } from './access-settings.ts'
import { keyOfApiToken, keyOfPerson, readKey, type Identity } from './identity.ts'
import type { People } from './people/people.ts'

export interface Identities {
  /** Whose token this is. */
  identify(token: string): Promise<Identity | undefined>
  /** Finds by the key of an identity, with what it may do now. */
  find(key: string): Promise<Identity | undefined>
  ofPerson(session: PersonSession): Identity
  /** Returns what somebody may do now, signed in or not; undefined for who is not known any more. */
  grantsOf(principal: Principal): Promise<readonly Grant[] | undefined>
}

interface IdentityPorts {
  access: Access
  apiTokens?: Pick<ApiTokens, 'identify' | 'find'> | undefined
  people?: Pick<People, 'identify' | 'find' | 'groupsOf'> | undefined
}

/**
 * Knows the tokens of the settings, those that people made, and the sessions of people. What a token may do that somebody made is
 * never more than what its owner may do now.
 */
export function createIdentities({ access, apiTokens, people }: IdentityPorts): Identities {
  const grantsOf = async ({ kind, name }: Principal): Promise<readonly Grant[] | undefined> => {
    if (kind === 'token') return access.tokens.find(name)?.grants
    if (kind === 'ci') return Object.hasOwn(access.ciRules, name) ? access.ciRules[name]!.grants : undefined
    const groups = await people?.groupsOf(name)
    return groups && access.grantsOfPerson({ name, groups })
  }
  const ofToken = async (token: StoredToken | undefined): Promise<Identity | undefined> => {
    const held = token && (await grantsOf(token.owner))
    if (!held) return undefined
    const { id, name, owner: principal, sha256, expiresMs } = token
    const grants = token.grants.filter((grant) => grantWithin(grant, held))
    return { key: keyOfApiToken(id), principal, grants, sha256, expiresMs, token: name }
  }
  const ofPerson = (session: PersonSession): Identity => {
    const { id, name, sha256, expiresMs } = session
    const grants = access.grantsOfPerson(session)
    return { key: keyOfPerson(id), principal: { kind: 'user', name }, grants, sha256, expiresMs }
  }
  const ofFound = (session: PersonSession | undefined) => session && ofPerson(session)
  return {
    ofPerson,
    grantsOf,
    async identify(token) {
      const known = access.tokens.identify(token) ?? (await ofToken(await apiTokens?.identify(token)))
      return known ?? ofFound(await people?.identify(token))
    },
    async find(key) {
      const read = readKey(key)
      if ('apiToken' in read) return ofToken(await apiTokens?.find(read.apiToken))
      if ('person' in read) return ofFound(await people?.find(read.person))
      return access.tokens.find(read.name)
    },
  }
}
