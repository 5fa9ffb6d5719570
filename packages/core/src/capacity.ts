import type { ServerRef, ServerState } from '@vesemir/contract'
import type { ServerAmongPeers } from './ports.ts'
import { isInService, isSameServer } from './servers.ts'

/**
 * Says in words which backend would have too few servers in service without these, or nothing when none would.
 * `peers` are all servers of their backends; `minHealthy` is a number, or a percentage (rounded up) of a backend's servers.
 * A server that gets no traffic costs nothing to drain. A backend is counted on each box by itself, and by its servers:
 * HAProxy calls a backend UP even with all of them drained.
 */
export function capacityLack(
  servers: readonly ServerRef[],
  { peers, minHealthy }: { peers: readonly ServerState[]; minHealthy: number | string },
): string | undefined {
  for (const server of servers) {
    const backend = peers.filter((peer) => peer.box === server.box && peer.backend === server.backend)
    const own = (peer: ServerState) => servers.some((other) => isSameServer(other, peer))
    if (!serving(backend).some(own)) continue
    const left = serving(backend.filter((peer) => !own(peer))).length
    const total = backend.filter(({ backup }) => !backup).length
    const needed = quantityOf(minHealthy, total)
    if (left < needed)
      return `${left} of ${total} servers of ${server.backend} on ${server.box} would stay in service, ${needed} needed`
  }
  return undefined
}

/**
 * Whether every backend surely has enough servers in service without these, by their number alone. Where that is not so,
 * `capacityLack` knows more: of percentages, of backups, and of what to say.
 */
export function surelySpares(servers: readonly ServerAmongPeers[], minHealthy: number | string): boolean {
  if (typeof minHealthy === 'string' || servers.some(({ backup }) => backup)) return false
  return servers.every(({ box, backend, inService }) => {
    const own = servers.filter((other) => other.box === box && other.backend === backend && isInService(other))
    return inService - own.length >= minHealthy
  })
}

/** The servers that get traffic: without any other, the first backup alone does (unless `option allbackups` is set). */
function serving(backend: readonly ServerState[]): ServerState[] {
  const inService = backend.filter(isInService)
  const active = inService.filter(({ backup }) => !backup)
  return active.length > 0 ? active : inService.slice(0, 1)
}

function quantityOf(quantity: number | string, total: number): number {
  return typeof quantity === 'number' ? quantity : Math.ceil((total * Number.parseInt(quantity, 10)) / 100)
}
