import { durationMs, type ApplicationDefinition, type ConvergeRound, type HostsBehind } from '@vesemir/contract'
import type { PlaceSchedule } from './ports/applications.ts'

const longestMs = durationMs('1d')

/** By how much the clocks of two processes may differ. One that differs more has been wrong. */
const mostAheadMs = durationMs('1h')

/** How many hosts are kept, to know them again: those of the last rounds in a row that found any behind. */
const mostKept = 200

/** Returns the schedules of a definition; who registered it is for the caller to add. */
export function schedulesOf({
  name: application,
  environments = {},
}: ApplicationDefinition): Pick<PlaceSchedule, 'application' | 'environment' | 'every'>[] {
  return Object.entries(environments).flatMap(([environment, { converge }]) =>
    converge ? [{ application, environment, every: converge.every }] : [],
  )
}

/**
 * Returns when the next round of a schedule is due: at once where there was none. The time doubles with each round that found hosts behind
 * again that one of those right before it had deployed to, up to a day.
 */
export function nextRoundMs(every: string, last: ConvergeRound | undefined): number {
  if (!last) return 0
  const everyMs = durationMs(every)
  return Date.parse(last.at) + Math.min(everyMs * 2 ** (last.again ?? 0), Math.max(everyMs, longestMs))
}

/** Forgets which hosts were behind where another release should run since. */
export function forgetReplaced(last: ConvergeRound | undefined, wanted: string | undefined): ConvergeRound | undefined {
  if (!last || last.release === wanted) return last
  const { release: _release, hosts: _hosts, again: _again, ...round } = last
  return round
}

/**
 * Begins a round where it is due, also where the last is far ahead: the clock by which that began was wrong. What is known of the hosts of
 * the one before is kept until hosts are asked again.
 */
export function beginRound(every: string, last: ConvergeRound | undefined, nowMs: number): ConvergeRound | undefined {
  const isFarAhead = last !== undefined && Date.parse(last.at) - nowMs > mostAheadMs
  if (nowMs < nextRoundMs(every, last) && !isFarAhead) return undefined
  const { release, hosts, again } = last ?? {}
  return { at: new Date(nowMs).toISOString(), outcome: 'started', ...withKnown({ release, hosts, again }) }
}

/** Ends a round in which the hosts have been asked. `release` is what should run. */
export function noteBehind(
  { at, ...before }: ConvergeRound,
  { release, only, text }: { release: string; only: HostsBehind; text: string },
): ConvergeRound {
  const hosts = only.behind.map(({ host }) => host)
  if (hosts.length === 0) return { at, outcome: 'nothing-behind', text }
  const known = before.release === release ? (before.hosts ?? []) : []
  const again = hosts.some((host) => known.includes(host)) ? (before.again ?? 0) + 1 : undefined
  const kept = [...new Set([...hosts, ...known])].slice(0, mostKept)
  return { at, outcome: 'deployed', text, ...withKnown({ release, hosts: kept, again }) }
}

/** Ends a round in which nothing could be done. `code` is that of an error, where it was one. */
export function noteSkipped(round: ConvergeRound, { text, code }: { text: string; code?: string }): ConvergeRound {
  return { ...round, outcome: 'skipped', text, ...(code === undefined ? {} : { code }) }
}

function withKnown({ release, hosts, again }: Pick<ConvergeRound, 'release' | 'hosts' | 'again'>) {
  return {
    ...(release === undefined ? {} : { release }),
    ...(hosts === undefined ? {} : { hosts }),
    ...(again === undefined ? {} : { again }),
  }
}
