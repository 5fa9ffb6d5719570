import type { BackendPeers, DeploymentView, Margins, ServersFigures } from '@vesemir/contract'
import { findRegression } from '../find-regression.ts'

/** What the judge makes of the updated servers of a backend. */
export type Verdict =
  | { kind: 'worse'; why: string }
  | { kind: 'within' }
  | { kind: 'few-requests'; requests: number; side: 'updated' | 'peers'; minRequests: number }
  | { kind: 'no-limits' }
  | { kind: 'no-limits-for-tcp' }

/** Returns what the judge of a watched host would make of all updated servers of a backend together, by the same rules and settings. */
export function verdictOn({ updated, peers }: BackendPeers, limits: Margins | undefined): Verdict {
  if (!limits) return { kind: 'no-limits' }
  if (isTcp({ updated, peers }) && limits.connectionErrors === undefined) return { kind: 'no-limits-for-tcp' }
  const { minRequests } = limits
  const side = updated.requests <= peers.requests ? 'updated' : 'peers'
  const { requests } = side === 'updated' ? updated : peers
  if (requests < minRequests) return { kind: 'few-requests', requests, side, minRequests }
  const why = findRegression(updated, peers, limits)
  return why === undefined ? { kind: 'within' } : { kind: 'worse', why }
}

/** Returns what the judge has said of hosts that it has failed. */
export function judgedWorse({ hosts }: Pick<DeploymentView, 'hosts'>): string[] {
  return hosts.flatMap(({ state }) =>
    'failure' in state && state.failure?.code === 'SERVER_WORSE' ? [state.failure.message] : [],
  )
}

/** Whether a backend is in TCP mode, where there are connections alone. */
export function isTcp({ updated, peers }: Pick<BackendPeers, 'updated' | 'peers'>): boolean {
  return updated.tcp !== undefined || peers.tcp !== undefined
}

/** What servers did by the request and by the second; what nobody can know is absent. */
export interface Rates {
  /** Share of requests answered 5xx, 0 to 1. */
  errorShare?: number
  responseTimeMs?: number
  /** In TCP mode, share of connections, 0 to 1. */
  failedToConnect?: number
  brokenOff?: number
  connectTimeMs?: number
  /** In use, by server. */
  sessions?: number
  /** By server. */
  requestsPerSecond?: number
  /** In TCP mode, by server. */
  connectionsPerSecond?: number
}

/** Returns the rates of some servers' figures over a time. */
export function ratesOf(figures: ServersFigures, lengthMs: number): Rates {
  const { servers, requests, sessions, tcp } = figures
  const perSecond = servers > 0 && lengthMs > 0 ? requests / (lengthMs / 1000) / servers : undefined
  const shares = requests > 0 ? sharesOf(figures) : {}
  return {
    ...shares,
    ...(servers > 0 ? { sessions: sessions / servers } : {}),
    ...(perSecond === undefined ? {} : { [tcp ? 'connectionsPerSecond' : 'requestsPerSecond']: perSecond }),
  }
}

function sharesOf({ requests, serverErrors, connectionErrors, tcp, ...times }: ServersFigures): Rates {
  if (!tcp) {
    const { responseTimeMs: ms, responseTimeWithinMs: withinMs } = times
    // A record of before has no more than the mean.
    const isKnown = withinMs === undefined ? ms > 0 : isPrecise(ms, withinMs)
    return { errorShare: serverErrors / requests, ...(isKnown ? { responseTimeMs: ms } : {}) }
  }
  const { brokenOff, connectTimeMs: ms, connectTimeWithinMs: withinMs } = tcp
  const isKnown = ms !== undefined && withinMs !== undefined && isPrecise(ms, withinMs)
  const shares = { failedToConnect: connectionErrors / requests, brokenOff: brokenOff / requests }
  return { ...shares, ...(isKnown ? { connectTimeMs: ms } : {}) }
}

/** A mean that may be off by more than half of it says nothing. */
function isPrecise(ms: number, withinMs: number): boolean {
  return withinMs <= Math.max(1, ms / 2)
}
