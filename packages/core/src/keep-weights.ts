import type { ServerState } from '@vesemir/contract'
import { adoptForeignWeights, adoptWeights } from './persons-hand.ts'
import type { ServerWeight } from './ports/load-balancer.ts'
import { hasWeight, isSameServer, reducedWeights } from './servers.ts'
import { change, snapshotOf, type Walk } from './walk.ts'

/** What was read of the boxes in one look. */
export interface Look {
  servers: readonly ServerState[]
  /** The process of each box that told it. */
  processes: ReadonlyMap<string, string>
  /** The boxes that were reloaded or restarted since the look before: what is different there may be that, and not a person. */
  reloaded: ReadonlySet<string>
}

/** What a look has left: the weights that the servers were to have from then on, and the process of each box. */
export interface Kept extends Pick<Look, 'processes'> {
  weights: readonly ServerWeight[]
}

/** Reads the host's servers; `before` is what the last look has left. */
export async function lookAtServers(walk: Walk, before: Kept | undefined): Promise<Look> {
  const { balancer, servers: refs, signal } = walk
  const servers = await balancer.read(refs, signal)
  const boxes = [...new Set(refs.map(({ box }) => box))]
  const processes = new Map(
    await Promise.all(boxes.map(async (box) => [box, await balancer.readProcess(box, signal)] as const)),
  )
  const reloaded = boxes.filter((box) => before && before.processes.get(box) !== processes.get(box))
  return { servers, processes, reloaded: new Set(reloaded) }
}

/**
 * Sets the weights that servers should have and do not show, since a reload of a load balancer may forget them. A weight that a person has
 * set since the last look stays: it is the one to go back to from then on.
 */
export async function keepWeights(
  walk: Walk,
  { look, percent, before }: { look: Look; percent: number; before: Kept | undefined },
): Promise<Kept> {
  await adoptWeights(
    walk,
    look.servers.filter((now) => isChangedByPerson(now, look, before)),
  )
  if (wrongWeights(walk, look, percent).length > 0) await adoptForeignWeights(walk, look.servers)
  const wrong = wrongWeights(walk, look, percent)
  if (wrong.length > 0) await change(walk, () => walk.balancer.setWeights(wrong, walk.signal))
  return { weights: weightsAt(walk, percent), processes: look.processes }
}

function isChangedByPerson(now: ServerState, { reloaded }: Look, before: Kept | undefined): boolean {
  const kept = before?.weights.find(({ server }) => isSameServer(server, now))
  return kept !== undefined && !hasWeight(now, kept.weight) && !reloaded.has(now.box)
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
    walk.progress.adopted.some((other) => isSameServer(other, server))
      ? [{ server, weight: server.weight }]
      : reducedWeights([server], percent),
  )
}
