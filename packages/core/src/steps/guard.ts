import { capacityLack } from '../capacity.ts'
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
      lack = await findLack(walk)
      if (!lack) return true
      await tellWaiting(walk, `capacity: ${lack}`)
      return undefined
    },
    { clock: walk.ports.clock, timeoutMs: walk.traffic.guardTimeoutMs, signal: walk.waits },
  )
  if (!spared) throw new VesemirError('GUARD_REFUSED', `without ${walk.target.name}, ${lack}`)
  return `at least ${walk.traffic.minHealthy} stay in service`
}

/** Reads the boxes and says in words what they lack to spare this host, if anything. */
export async function findLack({ balancer, servers, traffic, signal }: Walk): Promise<string | undefined> {
  const peers = await balancer.readPeers(servers, signal)
  return capacityLack(servers, { peers, minHealthy: traffic.minHealthy })
}
