import type { QueueHold } from '@vesemir/contract'
import type { Stall } from '@vesemir/core'
import { formatElapsed } from './duration.ts'

const mostNamed = 3

/**
 * Describes how a deployment is stalled, and why: `nothing for 9m 12s; no worker of cluster eu`, and the steps that are overdue. Holds
 * are what the API knows to keep the cluster's jobs waiting. Returns nothing where there is neither.
 */
export function describeStall(stall: Stall | undefined, holds: readonly QueueHold[] = []): string[] {
  const reasons = holds.map(({ reason }) => reason)
  const quiet = stall?.quietMs === undefined ? [] : [`nothing for ${formatElapsed(stall.quietMs)}`]
  const first = [...quiet, ...reasons].join('; ')
  return [...(first === '' ? [] : [first]), ...(stall && stall.overdue.length > 0 ? [describeOverdue(stall)] : [])]
}

function describeOverdue({ overdue }: Stall): string {
  const named = overdue
    .slice(0, mostNamed)
    .map(
      ({ host, step, spentMs, usualMs }) =>
        `${host} in ${step} for ${formatElapsed(spentMs)} (usually ${formatElapsed(usualMs)})`,
    )
  const left = overdue.length - named.length
  return `overdue: ${named.join(', ')}${left > 0 ? ` and ${left} more` : ''}`
}
