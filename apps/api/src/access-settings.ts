import type { Grant, HeldGrant, Protection } from '@vesemir/contract'
import type { CiRules, GrantSettings, TokenSettings } from './config.ts'
import { createTokens, type Tokens } from './tokens.ts'

/** What the settings say of who may do what. */
export interface AccessSettings {
  tokens: TokenSettings
  grants?: GrantSettings | undefined
  ci?: CiRules | undefined
  protections?: readonly Protection[] | undefined
}

export interface Access {
  /** The tokens of the settings. */
  readonly tokens: Tokens
  /** Returns what somebody may do whom a provider vouches for, by name and by groups. */
  grantsOfPerson(person: { name: string; groups: readonly string[] }): Grant[]
  /** All grants, and the roles of tokens, with who has each. */
  readonly heldGrants: readonly HeldGrant[]
  /** The rules for CI, by name. */
  readonly ciRules: CiRules
  /** The rules of protected environments. */
  readonly protections: readonly Protection[]
  /** Puts other settings in the place of those so far. */
  replace(settings: AccessSettings): void
  /** Aborted when the settings are replaced. */
  readonly replaced: AbortSignal
}

/** The rules as they are when they are asked for. */
export type CurrentRules = Pick<Access, 'protections'>

/** Holds the settings of who may do what, which can be replaced. */
export function createAccess(settings: AccessSettings): Access {
  let current = read(settings)
  let replacing = new AbortController()
  return {
    get tokens() {
      return current.tokens
    },
    get heldGrants() {
      return current.heldGrants
    },
    get ciRules() {
      return current.ciRules
    },
    get protections() {
      return current.protections
    },
    grantsOfPerson({ name, groups }) {
      const names = [`user:${name}`, ...groups.map((group) => `group:${group}`)]
      return grantsOf(current.grants, names)
    },
    replace(changed) {
      current = read(changed)
      replacing.abort()
      replacing = new AbortController()
    },
    get replaced() {
      return replacing.signal
    },
  }
}

function read({ tokens, grants = [], ci = {}, protections = [] }: AccessSettings) {
  const roles = Object.entries(tokens).flatMap(([who, { role }]) => (role === undefined ? [] : [{ who, role }]))
  const heldGrants = [...roles, ...grants.flatMap(({ who, ...grant }) => who.map((one) => ({ who: one, ...grant })))]
  return {
    grants,
    heldGrants,
    ciRules: ci,
    protections,
    tokens: createTokens(tokens, (name) => grantsOf(grants, [name])),
  }
}

function grantsOf(grants: GrantSettings, names: readonly string[]): Grant[] {
  return grants.filter(({ who }) => who.some((one) => names.includes(one))).map(({ who: _, ...grant }) => grant)
}
