import type { ServerState } from '@vesemir/contract'
import { capacityLack, surelySpares } from '../capacity.ts'
import { VesemirError } from '../errors.ts'
import { poll } from '../poll.ts'
import { tellWaiting, type Walk } from '../walk.ts'

/**
 * Waits until every backend, on every box, can spare this host.
 * @throws {VesemirError} `GUARD_REFUSED` when `guardTimeout` is over
 */
export async function guard(walk: Walk): Promise<string> {
  if (walk.servers.length === 0) return 'no load balancer'
  let lack: string | undefined
  const spared = await poll(
    async () => {
      ;({ lack } = await lookAround(walk))
      if (!lack) return true
      await tellWaiting(walk, `capacity: ${lack}`)
      return undefined
    },
    { clock: walk.ports.clock, timeoutMs: walk.traffic.guardTimeoutMs, signal: walk.waits },
  )
  if (!spared) throw new VesemirError('GUARD_REFUSED', `without ${walk.target.name}, ${lack}`)
  return `at least ${walk.traffic.minHealthy} stay in service`
}

/**
 * Reads the boxes: what they lack to spare this host, in words, if anything, and how its own servers are. All servers are
 * looked at only where the number of those in service does not settle it.
 */
export async function lookAround(walk: Walk): Promise<{ lack: string | undefined; own: ServerState[] }> {
  const { balancer, servers, traffic, signal } = walk
  const { minHealthy } = traffic
  const among = await balancer.readAmongPeers(servers, signal)
  const own = among.map(({ inService: _, ...server }) => server)
  if (surelySpares(among, minHealthy)) return { lack: undefined, own }
  return { lack: capacityLack(servers, { peers: await balancer.readPeers(servers, signal), minHealthy }), own }
}
