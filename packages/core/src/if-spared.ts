import type { ServerState } from '@vesemir/contract'
import { countBySpares, countRemainders, describeLack, type Remainder } from './capacity.ts'
import { demandsOf } from './ownership.ts'
import type { Lease } from './ports/locks.ts'
import type { Walk } from './walk.ts'

/** What each backend would have left without a host, and how the host's own servers are. */
export interface Capacity {
  remainders: Remainder[]
  own: ServerState[]
}

/** How long the turn at a backend may take to come: another host's last look and drain, a few milliseconds each. */
const turnTimeoutMs = 60_000

/**
 * Looks at the capacity and, where the host can be spared, acts, with every backend's lock held: two hosts that each can be
 * spared, of two deployments too, must not both go. Returns what the backends lack when they cannot spare it.
 */
export function ifSpared(
  walk: Walk,
  { signal, act }: { signal: AbortSignal; act: (looked: Capacity, lease: Lease) => Promise<unknown> },
): Promise<string | undefined> {
  const locks = new Set(walk.servers.map(({ backend }) => `${walk.spec.cluster}/${backend}`))
  return walk.ports.locks.hold([...locks], { waitMs: turnTimeoutMs, signal }, async (lease) => {
    const looked = await readCapacity(walk)
    const lack = describeLack(looked.remainders)
    if (lack === undefined) await act(looked, lease)
    return lack
  })
}

/**
 * Reads the boxes: what each backend would have left without this host, and how its own servers are. All servers are looked
 * at only where the number of those in service does not settle it, or some of them may not be confirmed yet.
 */
export async function readCapacity(walk: Walk): Promise<Capacity> {
  const { balancer, servers, signal } = walk
  const demands = await demandsOf(walk)
  const among = await balancer.readAmongPeers(servers, signal)
  const own = among.map(({ inService: _, ...server }) => server)
  const isProbing = walk.traffic.proof === 'probe'
  const enough = isProbing ? undefined : countBySpares(among, demands)
  if (enough) return { remainders: enough, own }
  const peers = await balancer.readPeers(servers, signal)
  // A slot that the configuration disables looks spare again while a walk holds it.
  const noted = await walk.ports.journal.find(peers.filter(({ spare }) => spare))
  const inHand = noted.map(({ server }) => server)
  // A server that a probe has proven may still be taken down by its next check: nobody is drained on the strength of it.
  const isUnsure = (peer: ServerState) => isProbing && peer.unconfirmed === true
  return { remainders: countRemainders(servers, { peers, demands, inHand, isUnsure }), own }
}
