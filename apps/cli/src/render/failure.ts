import type { Failure } from '@vesemir/contract'
import { dim, painted, type Line } from './text.ts'

/** Says why something failed. */
export function describeFailure({ code, message }: Failure): string {
  return `${message} (${code})`
}

/** Says what to do next, with the names that a hint leaves open filled in; nothing when there is no hint. */
export function hintLines(failure: { hint?: string | undefined } | undefined, names: HintNames): Line[] {
  const hint = failure?.hint
  return hint === undefined ? [] : [[dim('→ '), painted(fillIn(hint, names), 'cyan')]]
}

interface HintNames {
  id?: string | undefined
  host?: string | undefined
}

/** Puts the names that are known in the places that a hint leaves open for them. */
export function fillIn(hint: string, { id = 'ID', host = 'HOST' }: HintNames): string {
  return hint.replace(/\bID\b/g, id).replace(/\bHOST\b/g, host)
}
