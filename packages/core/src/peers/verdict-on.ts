import type { BackendPeers, DeploymentView, Margins, ServersFigures } from '@vesemir/contract'
import { findRegression } from '../find-regression.ts'

/** What the judge makes of the updated servers of a backend. */
export type Verdict =
  | { kind: 'worse'; why: string }
  | { kind: 'within' }
  | { kind: 'few-requests'; requests: number; side: 'updated' | 'peers'; minRequests: number }
  | { kind: 'no-limits' }

/** Returns what the judge of a watched host would make of all updated servers of a backend together, by the same rules and settings. */
export function verdictOn({ updated, peers }: BackendPeers, limits: Margins | undefined): Verdict {
  if (!limits) return { kind: 'no-limits' }
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

/** What servers did by the request and by the second; what nobody can know is absent. */
export interface Rates {
  /** Share of requests answered 5xx, 0 to 1. */
  errorShare?: number
  responseTimeMs?: number
  /** In use, by server. */
  sessions?: number
  /** By server. */
  requestsPerSecond?: number
}

/** Returns the rates of some servers' figures over a time. */
export function ratesOf(figures: ServersFigures, lengthMs: number): Rates {
  const { servers, requests, serverErrors, responseTimeMs, sessions } = figures
  return {
    ...(requests > 0 ? { errorShare: serverErrors / requests, responseTimeMs } : {}),
    ...(servers > 0 ? { sessions: sessions / servers } : {}),
    ...(servers > 0 && lengthMs > 0 ? { requestsPerSecond: requests / (lengthMs / 1000) / servers } : {}),
  }
}
