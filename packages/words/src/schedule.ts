import type { Deployment, ScheduleView } from '@vesemir/contract'
import { formatDateTime } from './moment.ts'

/** A deployment, or what is told of one. */
interface Requested {
  requestedBy: string
  spec?: Pick<Deployment['spec'], 'converges'>
  bySchedule?: true | undefined
}

/** Says who asked for a deployment; of one that a schedule asked for, in whose name it did. */
export function describeRequester({ requestedBy, spec, bySchedule = spec?.converges?.bySchedule }: Requested): string {
  return bySchedule ? `${requestedBy} (by schedule)` : requestedBy
}

/**
 * Says when hosts that are behind get what should run without anyone asking, and what the last round came to. A time zone is named, where one
 * is given: it may not be the reader's.
 */
export function describeSchedule({ every, by, last, next, again }: ScheduleView, timeZone?: string): string[] {
  const when = (at: string) => formatDateTime(at, timeZone) + (timeZone === undefined ? '' : ` ${timeZone}`)
  const name = by === undefined ? '' : `, in the name of ${by}`
  const slowed = again === undefined ? '' : `, later each time: hosts were behind again ${times(again)}`
  return [
    `converges every ${every}${name}; ${next === undefined ? 'first round in a few seconds' : `next round at ${when(next)}`}${slowed}`,
    ...(last ? [`last round at ${when(last.at)}: ${describeRound(last)}`] : []),
  ]
}

function describeRound({ outcome, text = '', deployment }: NonNullable<ScheduleView['last']>): string {
  switch (outcome) {
    case 'started':
      return 'in progress'
    case 'nothing-behind':
      return text
    case 'deployed':
      return `${deployment ?? 'a deployment'} started, ${text}`
    case 'skipped':
      return `skipped: ${text}`
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
