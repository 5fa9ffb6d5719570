import type { DeploymentEvent } from '@vesemir/contract'
import { isTcp, ratesOf, type Rates } from './verdict-on.ts'

/** What both sides of a backend did in a stretch of time. */
export interface PeersPoint {
  fromMs: number
  toMs: number
  updated: Rates
  peers: Rates
}

/** A backend's updated servers beside those of the old version, over time. */
export interface BackendPeersOverTime {
  backend: string
  isTcp: boolean
  points: PeersPoint[]
}

/** Returns what was sampled of each backend, in order. */
export function peersOverTime(events: Iterable<DeploymentEvent>): BackendPeersOverTime[] {
  const backends = new Map<string, BackendPeersOverTime>()
  for (const event of events) {
    if (event.type !== 'peers.compared') continue
    const { lengthMs } = event
    const toMs = Date.parse(event.at)
    for (const { backend, updated, peers } of event.backends) {
      const known = backends.get(backend) ?? { backend, isTcp: isTcp({ updated, peers }), points: [] }
      backends.set(backend, known)
      const rates = { updated: ratesOf(updated, lengthMs), peers: ratesOf(peers, lengthMs) }
      known.points.push({ fromMs: toMs - lengthMs, toMs, ...rates })
    }
  }
  return [...backends.values()]
}
