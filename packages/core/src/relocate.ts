import type { ServerRef } from '@vesemir/contract'
import { describeMove, hasMoved } from './endpoints.ts'
import { isVesemirError } from './errors.ts'
import { locateServers } from './locate-servers.ts'
import { describeServer, isSameServer } from './servers.ts'
import type { Walk } from './walk.ts'

/**
 * Finds the servers of a host again, as long as nothing was done to them: since the plan, slots may have moved. What is
 * different goes into the record. Returns the servers to walk with.
 * @throws {VesemirError} `SERVER_MOVED` where only its name says that a server is still the host's, and as `locateServers`
 */
export async function relocate(walk: Walk): Promise<readonly ServerRef[]> {
  const { balancer, target, servers: known, claim, signal } = walk
  const settings = walk.spec.loadBalancer
  if (settings.kind === 'none' || claim.host.snapshot) return known
  const { boxes } = claim.deployment.plan!
  const found = await locateServers([target], { boxes, settings, balancer, known }, signal)
  const servers = found.servers[0]!
  const cause = describeDifference(known, servers)
  if (cause === undefined) return known
  await claim.append({ type: 'servers.located', host: target.name, servers, cause })
  return servers
}

/** Whether an error says that servers have moved of which none was changed: they can be found again. */
export function canBeRelocated({ claim }: Walk, error: unknown): boolean {
  return isVesemirError(error, 'SERVER_MOVED') && !claim.host.snapshot
}

function describeDifference(before: readonly ServerRef[], now: readonly ServerRef[]): string | undefined {
  const lacks = (servers: readonly ServerRef[], server: ServerRef) =>
    !servers.some((other) => isSameServer(other, server) && !hasMoved(server, other))
  const gone = before.filter((server) => lacks(now, server))
  const come = now.filter((server) => lacks(before, server))
  if (gone.length === 0 && come.length === 0) return undefined
  const moved = gone.flatMap((server) => {
    const same = come.find((other) => isSameServer(other, server))
    return same ? [describeMove(server, same)] : []
  })
  return [...moved, `now ${now.map(describeServer).join(', ')}`].join('; ')
}
