import type { Failure } from '@vesemir/contract'
import { dim, painted, type Line } from './text.ts'

/** Says why something failed. */
export function describeFailure({ code, message }: Failure): string {
  return `${message} (${code})`
}

/** Says what to do next, with the names that a hint leaves open filled in; nothing when there is no hint. */
export function hintLines(
  failure: { hint?: string | undefined } | undefined,
  { id, host }: { id?: string; host?: string },
): Line[] {
  const hint = failure?.hint
  if (hint === undefined) return []
  const filled = hint.replace(/\bID\b/, id ?? 'ID').replace(/\bHOST\b/, host ?? 'HOST')
  return [[dim('→ '), painted(filled, 'cyan')]]
}
