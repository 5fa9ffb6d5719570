import type { ServerState } from '@vesemir/contract'
import { adoptForeignWeights, adoptWeights } from '../persons-hand.ts'
import type { ServerWeight } from '../ports/load-balancer.ts'
import { hasWeight, isSameServer, reducedWeights } from '../servers.ts'
import { change, snapshotOf, type Walk } from '../walk.ts'

/** What was read of the boxes in one look, and the process of each of them that told it. */
export interface Look {
  servers: readonly ServerState[]
  processes: ReadonlyMap<string, string>
}

/** Reads the host's servers. */
export async function lookAtServers({ balancer, servers: refs, signal }: Walk): Promise<Look> {
  const servers = await balancer.read(refs, signal)
  const boxes = [...new Set(refs.map(({ box }) => box))]
  const processes = await Promise.all(boxes.map(async (box) => [box, await balancer.readProcess(box, signal)] as const))
  return { servers, processes: new Map(processes) }
}

/** Whether a box was reloaded or restarted since the last look: what is different may be that, and not a person. */
export function wasReloaded({ lastLook }: Walk, { processes }: Look, box: string): boolean {
  return lastLook !== undefined && lastLook.processes.get(box) !== processes.get(box)
}

/**
 * Sets the weights that servers should have and do not show, since a reload of HAProxy forgets them. A weight that a person has
 * set since the last look stays: it is the one to go back to from then on.
 */
export async function putBackWeights(walk: Walk, look: Look, percent: number): Promise<void> {
  await adoptWeights(
    walk,
    look.servers.filter((now) => isChangedByPerson(walk, look, now)),
  )
  if (wrongWeights(walk, look, percent).length > 0) await adoptForeignWeights(walk, look.servers)
  const wrong = wrongWeights(walk, look, percent)
  if (wrong.length > 0) await change(walk, () => walk.balancer.setWeights(wrong, walk.signal))
  walk.lastLook = { weights: weightsAt(walk, percent), processes: look.processes }
}

function isChangedByPerson(walk: Walk, look: Look, now: ServerState): boolean {
  const before = walk.lastLook?.weights.find(({ server }) => isSameServer(server, now))
  return before !== undefined && !hasWeight(now, before.weight) && !wasReloaded(walk, look, now.box)
}

function wrongWeights(walk: Walk, { servers }: Look, percent: number): ServerWeight[] {
  return weightsAt(walk, percent).filter(({ server, weight }) => {
    const now = servers.find((now) => isSameServer(now, server))
    return !now || !hasWeight(now, weight)
  })
}

/** The weights at a percentage; one that a person has set is no part of the reduction. */
function weightsAt(walk: Walk, percent: number): ServerWeight[] {
  return snapshotOf(walk).flatMap((server) =>
    walk.adopted.some((other) => isSameServer(other, server))
      ? [{ server, weight: server.weight }]
      : reducedWeights([server], percent),
  )
}
