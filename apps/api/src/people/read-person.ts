import { Name } from '@vesemir/contract'
import { matchesPattern, VesemirError } from '@vesemir/core'
import type { ProviderSettings } from '../config.ts'

/** Somebody as a provider knows them. */
export interface Person {
  /** Who it is there, for good: a name can pass to another. */
  subject: string
  name: string
  groups: string[]
}

type Claims = Record<string, unknown> & { sub: string }
type ClaimSettings = Pick<ProviderSettings, 'issuer' | 'nameClaim' | 'groupsClaim' | 'users' | 'groups'>

/** More are not looked at: some providers send thousands. */
const mostGroups = 1000

/**
 * Reads who somebody is out of a provider's claims. A provider vouches for the users and groups that its settings name, and for no others.
 * @throws {VesemirError} `SIGN_IN_REFUSED`
 */
export function readPerson(claims: Claims, settings: ClaimSettings): Person {
  const { issuer, nameClaim, groupsClaim, users, groups } = settings
  const name = Name.safeParse(claims[nameClaim])
  const refuse = (why: string) => new VesemirError('SIGN_IN_REFUSED', `${issuer}: ${why}`)
  if (!name.success) throw refuse(`the claim "${nameClaim}" is not a name that Vesemir can use`)
  // Whoever may set their own address at a provider could set that of another.
  if (nameClaim === 'email' && claims.email_verified !== true) throw refuse(`${name.data} is not a verified address`)
  if (!isOneOf(users, name.data)) throw refuse(`its settings do not let it vouch for ${name.data}`)
  const named = readGroups(claims[groupsClaim]).filter((group) => isOneOf(groups, group))
  return { subject: claims.sub, name: name.data, groups: named.slice(0, mostGroups) }
}

function isOneOf(patterns: readonly string[] | undefined, name: string): boolean {
  return patterns === undefined || patterns.some((pattern) => matchesPattern(pattern, name))
}

function readGroups(claim: unknown): string[] {
  const list = Array.isArray(claim) ? claim : [claim]
  return list.filter((group) => typeof group === 'string')
}
