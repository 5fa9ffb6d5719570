import type { DayStatistics, Deployment, HostRecord } from '@vesemir/contract'
import { addTime } from './histogram.ts'

/** What is kept of an application's environment besides its days. */
export interface PlaceHistory {
  /** When the deployment ended that failed first since the last that succeeded or rolled back. */
  failedAt?: string | undefined
  /** The deployment that was counted last, and how it had ended then: a retry counts the hosts that ended after it. */
  last?: { id: string; endedAt: string } | undefined
}

/** A day on which no deployment ended. */
export const emptyDay: DayStatistics = {
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  'rolled-back': 0,
  leadTimes: {},
  restoreTimes: {},
  steps: {},
}

interface End {
  deployment: Pick<Deployment, 'id' | 'spec' | 'state'>
  hosts: readonly HostRecord[]
  history: PlaceHistory
}

/** Counts a deployment that has ended in its day. Returns nothing where this end is counted already. */
export function countEnd(
  day: DayStatistics,
  { deployment, hosts, history }: End,
): { day: DayStatistics; history: PlaceHistory } | undefined {
  const { id, spec, state } = deployment
  // What runs already on other hosts brings nothing new.
  if (!('endedAt' in state) || spec.converges) return undefined
  const { status, endedAt } = state
  const before = history.last?.id === id ? history.last.endedAt : ''
  if (endedAt <= before) return undefined
  const counted = { ...day, [status]: day[status] + 1, steps: countSteps(day.steps, hosts, before) }
  if (status === 'succeeded' && spec.builtAt !== undefined)
    counted.leadTimes = addTime(day.leadTimes, msBetween(spec.builtAt, endedAt))
  const isRestored = status === 'succeeded' || status === 'rolled-back'
  if (isRestored && history.failedAt !== undefined)
    counted.restoreTimes = addTime(day.restoreTimes, msBetween(history.failedAt, endedAt))
  const failedAt = isRestored ? undefined : (history.failedAt ?? (status === 'failed' ? endedAt : undefined))
  return { day: counted, history: { failedAt, last: { id, endedAt } } }
}

/** Hosts that succeeded after `before`, by what each of their steps took. */
function countSteps(
  steps: DayStatistics['steps'],
  hosts: readonly HostRecord[],
  before: string,
): DayStatistics['steps'] {
  const counted = { ...steps }
  for (const { state, steps: walked } of hosts) {
    if (state.status !== 'succeeded' || state.endedAt <= before) continue
    for (const { step, status, durationMs } of walked)
      if (status === 'succeeded' && durationMs !== undefined) counted[step] = addTime(counted[step] ?? {}, durationMs)
  }
  return counted
}

function msBetween(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from))
}
