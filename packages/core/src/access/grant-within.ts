import type { Grant } from '@vesemir/contract'
import { includesRole } from './actions.ts'
import { matchesPattern } from './matches-pattern.ts'

const parts = ['applications', 'teams', 'environments', 'clusters'] as const

/** Returns the one of someone's grants that allows all that another grant does, if there is one. */
export function grantWithin(wanted: Grant, held: readonly Grant[]): Grant | undefined {
  return held.find(
    (grant) =>
      includesRole(grant.role, wanted.role) && parts.every((part) => arePatternsWithin(wanted[part], grant[part])),
  )
}

type Patterns = readonly string[] | undefined

/** A pattern's `*` is read as a character here, which nothing but another `*` matches: what it stands for is matched too. */
function arePatternsWithin(wanted: Patterns, held: Patterns): boolean {
  if (held === undefined) return true
  return wanted?.every((name) => held.some((pattern) => matchesPattern(pattern, name))) ?? false
}
