import type { ServerFigures } from '../ports/load-balancer.ts'

/**
 * Returns what a server's box counted between two looks. After a reload or restart of the box the counts begin again: then it is all
 * that is counted now, which may be less than there was, and never more.
 */
export function countedSince(before: ServerFigures | undefined, now: ServerFigures): ServerFigures {
  if (!before || before.requests > now.requests) return now
  // Of a box that was reloaded and has counted more requests since than before, another count may be lower.
  const since = (count: 'requests' | 'serverErrors' | 'connectionErrors') =>
    now[count] < before[count] ? now[count] : now[count] - before[count]
  return {
    ...now,
    requests: since('requests'),
    serverErrors: since('serverErrors'),
    connectionErrors: since('connectionErrors'),
  }
}
