import type { ServerState } from '@vesemir/contract'
import { describeServer, isHeldOut } from './servers.ts'
import { change, type Walk } from './walk.ts'

/** How soon a host that a box has put back into rotation is taken out again. */
const watchIntervalMs = 250

/**
 * Keeps a host out of rotation while something is done to it that must meet no traffic: a reload of HAProxy forgets drains,
 * and nobody tells. Dispose of it before the host is to come back.
 */
export function keepOut(walk: Walk): AsyncDisposable {
  const { balancer, servers, ports, signal } = walk
  return ports.clock.every(watchIntervalMs, async () => {
    if (servers.length === 0) return
    const seen = await balancer.read(servers, signal)
    if (!(await noteReturn(walk, seen))) return
    walk.hasReturned = true
    await change(walk, () => balancer.hold(servers, signal))
  })
}

/** Records that a host is in rotation against what was set, if it is; tells whether it is. */
export async function noteReturn({ claim, target }: Walk, seen: readonly ServerState[]): Promise<boolean> {
  const back = seen.filter((server) => !isHeldOut(server))
  if (back.length === 0) return false
  const cause = `${back.map(describeServer).join(', ')} was ready again: its box has forgotten the drain, as after a reload`
  await claim.append({ type: 'servers.returned', host: target.name, servers: back, cause })
  return true
}
