import type { ServerRef, ServerState } from '@vesemir/contract'
import { ifSpared } from './if-spared.ts'
import { poll } from './poll.ts'
import { fullWeights, isHeldOut, isSameServer } from './servers.ts'
import { act, change, snapshotOf, recordWait, type Walk } from './walk.ts'

/** Servers as they are now, and why some of them still serve, in words, if they do. */
interface TakenOut {
  servers: ServerState[]
  lack?: string
}

/**
 * Takes a host out of rotation that is not what it should be: at once where its box finds it down, which costs nothing. Where it
 * serves, it serves on until every backend can spare it, and for good, at the weight that it had, where none can within
 * `guardTimeout`. Servers that a person takes out meanwhile are theirs.
 */
export async function takeOut(walk: Walk): Promise<TakenOut> {
  const { balancer, servers, signal, ports, traffic } = walk
  const out: ServerRef[] = []
  const hold = async (some: readonly ServerRef[], bound: AbortSignal) => {
    if (some.length === 0) return
    await act(walk, () => balancer.hold(some, bound))
    out.push(...some)
  }
  const lookWhatServes = async () => {
    const seen = await balancer.read(servers, signal)
    const theirs = seen.filter((server) => isHeldOut(server) && !out.some((other) => isSameServer(other, server)))
    if (theirs.length > 0) await cede(walk, theirs)
    out.push(...theirs)
    return seen.filter((server) => !isHeldOut(server))
  }
  await hold((await lookWhatServes()).filter(isDown), signal)
  let lack: string | undefined
  const isOut = await poll(
    async () => {
      const serving = await lookWhatServes()
      if (serving.length === 0) return true
      lack = await ifSpared(
        { ...walk, servers: serving },
        { signal, act: async (_, lease) => hold(serving, AbortSignal.any([signal, await lease.confirm()])) },
      )
      if (lack === undefined) return true
      await recordWait(walk, `capacity, to be taken out: ${lack}`)
      return undefined
    },
    { clock: ports.clock, timeoutMs: traffic.guardTimeoutMs, signal },
  )
  if (isOut || lack === undefined) return { servers: await change(walk, () => balancer.read(servers, signal)) }
  const serving = await lookWhatServes()
  const weights = fullWeights(snapshotOf(walk).filter((before) => serving.some((now) => isSameServer(now, before))))
  await act(walk, () => balancer.setWeights(weights, signal))
  return { servers: await change(walk, () => balancer.read(servers, signal)), lack }
}

function isDown({ health }: ServerState): boolean {
  return health === 'down'
}

async function cede({ claim, ports }: Walk, servers: readonly ServerState[]): Promise<void> {
  await claim.check()
  await ports.journal.cede(servers)
}
