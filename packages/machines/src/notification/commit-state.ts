import type { Notice } from '@vesemir/contract'
import { describeNotice, toPlainText } from '@vesemir/words'

/** GitHub takes no more in a description. */
const mostCharacters = 140

/** Names what a commit's statuses are about: `vesemir/payments/production`. */
export function contextOf({ deployment: { application, environment } }: Notice): string {
  return `vesemir/${application}/${environment}`
}

/** Describes a notice in a line that ends with its id, by which a later one is known: `succeeded after 3m 12s (d-42~317)`. */
export function describeState(notice: Notice): string {
  const mark = ` (${notice.id})`
  const text = toPlainText(describeNotice(notice, { timeZone: 'UTC' }))
  const most = mostCharacters - mark.length
  return `${text.length <= most ? text : `${text.slice(0, most - 1)}…`}${mark}`
}

/**
 * Returns whether what a description says comes after a notice, or is that notice: notices that are sent again may come late, and an end
 * must not be followed by its start.
 */
export function comesAfter(description: string | null | undefined, notice: Notice): boolean {
  const [, shown] = /\((\S+~\d+)\)$/.exec(description ?? '') ?? []
  if (shown === undefined) return false
  const [there, ours] = [placeOf(shown), placeOf(notice.id)]
  return there.deployment === ours.deployment ? there.event >= ours.event : there.deployment > ours.deployment
}

/** Deployments are numbered, and so are the events of each. */
function placeOf(id: string): { deployment: number; event: number } {
  const [, deployment, event] = /(\d+)~(\d+)$/.exec(id) ?? []
  return { deployment: Number(deployment), event: Number(event) }
}
