import type { BackendPeers, ServersFigures } from '@vesemir/contract'
import type { ServerFigures } from '../ports/load-balancer.ts'
import { countedSince } from './counted-since.ts'
import type { Side } from './sides-of.ts'

/** A server's figures in a look, and the side that it was on. */
export interface Sided extends ServerFigures {
  side: Side | undefined
}

/**
 * Compares what both sides of each backend did between two looks, on all boxes together. A server counts where it was on the same side in
 * both. Backends in which one of the sides has no server are left out: there is nothing to compare.
 */
export function compareSides(before: readonly Sided[], now: readonly Sided[]): BackendPeers[] {
  const known = new Map(before.map((server) => [serverKey(server), server]))
  const counted = now.flatMap((server) => {
    const last = known.get(serverKey(server))
    return last && last.side === server.side ? [{ ...countedSince(last, server), side: server.side }] : []
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

/** Names a server in a map. */
export function serverKey({ box, backend, server }: Pick<ServerFigures, 'box' | 'backend' | 'server'>): string {
  return JSON.stringify([box, backend, server])
}

function together(servers: readonly ServerFigures[]): ServersFigures {
  const sum = (value: (server: ServerFigures) => number) => servers.reduce((total, server) => total + value(server), 0)
  const requests = sum((server) => server.requests)
  return {
    servers: new Set(servers.filter(({ inService }) => inService).map(({ server }) => server)).size,
    requests,
    serverErrors: sum((server) => server.serverErrors),
    connectionErrors: sum((server) => server.connectionErrors),
    responseTimeMs: requests === 0 ? 0 : Math.round(sum((s) => s.responseTimeMs * s.requests) / requests),
    sessions: sum((server) => server.sessions),
  }
}
