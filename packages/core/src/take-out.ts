import type { ServerState } from '@vesemir/contract'
import { poll } from './poll.ts'
import type { Lease } from './ports/locks.ts'
import { fullWeights } from './servers.ts'
import { ifSpared } from './if-spared.ts'
import { change, snapshotOf, tellWaiting, type Walk } from './walk.ts'

/** Servers as they are now, and why they still serve, in words, if they do. */
interface TakenOut {
  servers: ServerState[]
  lack?: string
}

/**
 * Takes a host out of rotation that serves though it is not what it should be. It serves on until every backend can spare
 * it, and for good, at the weight that it had, where none can within `guardTimeout`.
 */
export async function takeOut(walk: Walk): Promise<TakenOut> {
  const { balancer, servers, signal, ports, traffic } = walk
  let held: ServerState[] = []
  let lack: string | undefined
  const hold = async (_: ServerState[], lease: Lease) => {
    held = await change(walk, async () => balancer.hold(servers, AbortSignal.any([signal, await lease.confirm()])))
  }
  const isOut = await poll(
    async () => {
      lack = await ifSpared(walk, { signal, act: hold })
      if (lack === undefined) return true
      await tellWaiting(walk, `capacity, to be taken out: ${lack}`)
      return undefined
    },
    { clock: ports.clock, timeoutMs: traffic.guardTimeoutMs, signal },
  )
  if (isOut || lack === undefined) return { servers: held }
  return { servers: await change(walk, () => balancer.admit(fullWeights(snapshotOf(walk)), signal)), lack }
}
