import type { ServerState } from '@vesemir/contract'
import { countBySpares, countRemainders, describeLack, describeRemainders, type Remainder } from '../capacity.ts'
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
  const note = await poll(
    async () => {
      const { remainders } = await lookAround(walk)
      lack = describeLack(remainders)
      if (!lack) return describeRemainders(remainders)
      await tellWaiting(walk, `capacity: ${lack}`)
      return undefined
    },
    { clock: walk.ports.clock, timeoutMs: walk.traffic.guardTimeoutMs, signal: walk.waits },
  )
  if (note === undefined) throw new VesemirError('GUARD_REFUSED', `without ${walk.target.name}, ${lack}`)
  return note
}

/**
 * Reads the boxes: what each backend would have left without this host, and how its own servers are. All servers are looked
 * at only where the number of those in service does not settle it.
 */
export async function lookAround(walk: Walk): Promise<{ remainders: Remainder[]; own: ServerState[] }> {
  const { balancer, servers, traffic, signal } = walk
  const { minHealthy } = traffic
  const among = await balancer.readAmongPeers(servers, signal)
  const own = among.map(({ inService: _, ...server }) => server)
  const enough = countBySpares(among, minHealthy)
  if (enough) return { remainders: enough, own }
  const peers = await balancer.readPeers(servers, signal)
  return { remainders: countRemainders(servers, { peers, minHealthy }), own }
}
