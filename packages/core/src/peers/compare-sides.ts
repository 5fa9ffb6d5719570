import type { BackendPeers } from '@vesemir/contract'
import type { ServerFigures } from '../ports/load-balancer.ts'
import { countedSince } from './counted-since.ts'
import { serverKey } from './server-key.ts'
import type { Side } from './side.ts'
import { together } from './together.ts'

/** A server's figures in a look, and the side that it was on. */
export interface Sided extends ServerFigures {
  side: Side | undefined
}

/** Servers by their key, as they were seen in a look. */
export type Looked = ReadonlyMap<string, Sided>

/**
 * Compares what both sides of each backend did since the last look, on all boxes together, and their mean times since the first look at
 * each server on its side. A server counts where it was on the same side in the last look. Backends in which one of the sides has no server are left out: there is nothing to compare.
 */
export function compareSides(now: readonly Sided[], { last, first }: Record<'last' | 'first', Looked>): BackendPeers[] {
  const counted = now.flatMap((server) => {
    const [before, since] = [last, first].map((looked) => looked.get(serverKey(server)))
    if (!before || before.side !== server.side) return []
    // One sample has too few requests for their mean time.
    const { time } = countedSince(since ?? before, server)
    return [{ ...countedSince(before, server), time, side: server.side }]
  })
  const backends = Map.groupBy(counted, ({ backend }) => backend)
  return [...backends].flatMap(([backend, servers]) => {
    const [updated, peers] = (['updated', 'peer'] as const).map((side) =>
      servers.filter((server) => server.side === side),
    )
    if (updated!.length === 0 || peers!.length === 0) return []
    return [{ backend, updated: together(updated!), peers: together(peers!) }]
  })
}
