import type { ServerRef, ServerState } from '@vesemir/contract'
import { isInService, isSameServer } from './servers.ts'

/**
 * Says in words which backend would have too few servers in service without these, or nothing when none would.
 * `peers` are all servers of their backends; `minHealthy` is a number, or a percentage (rounded up) of a backend's servers.
 * A server that is not in service costs nothing to drain. A backend is counted on each box by itself, and by its servers:
 * HAProxy calls a backend UP even with all of them drained.
 */
export function capacityLack(
  servers: readonly ServerRef[],
  { peers, minHealthy }: { peers: readonly ServerState[]; minHealthy: number | string },
): string | undefined {
  for (const server of servers) {
    const backend = peers.filter((peer) => peer.box === server.box && peer.backend === server.backend)
    const own = (peer: ServerState) => servers.some((other) => isSameServer(other, peer))
    if (!backend.some((peer) => own(peer) && isInService(peer))) continue
    const left = backend.filter((peer) => !own(peer) && isInService(peer)).length
    const needed = quantityOf(minHealthy, backend.length)
    if (left < needed)
      return `${left} of ${backend.length} servers of ${server.backend} on ${server.box} would stay in service, ${needed} needed`
  }
  return undefined
}

function quantityOf(quantity: number | string, total: number): number {
  return typeof quantity === 'number' ? quantity : Math.ceil((total * Number.parseInt(quantity, 10)) / 100)
}
