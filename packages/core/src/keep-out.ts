import type { ServerState } from '@vesemir/contract'
import { inParallel } from './in-parallel.ts'
import { describeServer, isHeldOut } from './servers.ts'
import { change, type Walk } from './walk.ts'

/** How soon a host that a box has put back into rotation is looked for where nothing tells of a reload. */
const lookIntervalMs = 250

/** How soon a reload of a box is noticed: until the host is out again, it gets traffic that it is not proven for. */
const reloadNoticeMs = 20

/**
 * Keeps a host out of rotation while something is done to it that must meet no traffic: a reload of a load balancer may forget drains,
 * and nobody tells. Dispose of it before the host is to come back; that waits for what is being done just then.
 */
export function keepOut(walk: Walk): AsyncDisposable {
  const { balancer, servers, ports, signal } = walk
  if (servers.length === 0) return nothing
  const look = async (over: AbortSignal) => {
    const seen = await balancer.read(servers, over)
    // An agent that is asked again after a reload would undo a drain that was kept.
    if (seen.every((server) => isHeldOut(server) && !server.agentChecked)) return
    walk.progress.hasReturned ||= !seen.every(isHeldOut)
    // Not one after the other: each millisecond is one in which it gets traffic.
    await inParallel(
      () => noteReturn(walk, seen),
      () => change(walk, () => balancer.hold(servers, signal)),
    )
  }
  return ports.clock.every(lookIntervalMs, look, (over) =>
    balancer.untilReloaded(servers, { noticeMs: reloadNoticeMs, signal: over }),
  )
}

const nothing: AsyncDisposable = { [Symbol.asyncDispose]: async () => {} }

/** Records that a host is in rotation against what was set, if it is; tells whether it is. */
export async function noteReturn({ claim, target }: Walk, seen: readonly ServerState[]): Promise<boolean> {
  const back = seen.filter((server) => !isHeldOut(server))
  if (back.length === 0) return false
  const cause = `${back.map(describeServer).join(', ')} is ready again: the load balancer lost the drain (reloaded?)`
  await claim.append({ type: 'servers.returned', host: target.name, servers: back, cause })
  return true
}
