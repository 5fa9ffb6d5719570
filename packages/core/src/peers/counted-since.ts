import type { ServerFigures } from '../ports/load-balancer.ts'
import { meanSince, type MeanTime } from './mean-since.ts'

/** What a server did in a time. */
export interface Counted extends ServerFigures {
  /** Of its answers; in TCP mode, of connecting to it. */
  time: MeanTime | undefined
}

/**
 * Returns what a server's box counted between two looks. After a reload or restart of the box the counts begin again: then it is all
 * that is counted now, which may be less than there was, and never more.
 */
export function countedSince(before: ServerFigures | undefined, now: ServerFigures): Counted {
  const earlier = before && isContinued(before, now) ? before : undefined
  const since = (countOf: (figures: ServerFigures) => number) => countOf(now) - (earlier ? countOf(earlier) : 0)
  const requests = since((figures) => figures.requests)
  const connectionErrors = since((figures) => figures.connectionErrors)
  // Those in progress have no time yet, and those that did not connect never have one.
  const answered = requests - connectionErrors - since(({ sessions }) => sessions)
  return {
    ...now,
    requests,
    serverErrors: since((figures) => figures.serverErrors),
    connectionErrors,
    ...(now.tcp ? { tcp: { ...now.tcp, brokenOff: since(({ tcp }) => tcp?.brokenOff ?? 0) } } : {}),
    time: meanSince(earlier && told(earlier), told(now), Math.min(answered, requests)),
  }
}

/** A person may clear the counters, too. */
function isContinued(before: ServerFigures, now: ServerFigures): boolean {
  const counts = ['requests', 'serverErrors', 'connectionErrors'] as const
  return before.countedBy === now.countedBy && counts.every((count) => before[count] <= now[count])
}

function told({ requests, responseTimeMs, tcp }: ServerFigures) {
  return { requests, meanMs: tcp ? tcp.connectTimeMs : responseTimeMs }
}
