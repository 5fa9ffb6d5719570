import type { ServerState } from '@vesemir/contract'
import { VesemirError } from './errors.ts'
import { isOurWeight } from './original-state.ts'
import { describeServer, isHeldOut, isSameServer } from './servers.ts'
import { noteServers, snapshotOf, type Walk } from './walk.ts'

/**
 * Ends the walk when a person has taken servers of the host out of rotation: they are theirs from then on, and the journal says
 * so. What they were taken out by is `isTheirs`' to tell.
 * @throws {VesemirError} `SERVER_NOT_IN_SERVICE`
 */
export async function yieldToPerson(
  walk: Walk,
  seen: readonly ServerState[],
  isTheirs: (server: ServerState) => boolean = isHeldOut,
): Promise<void> {
  const theirs = seen.filter(isTheirs)
  const [first] = theirs
  if (!first) return
  await walk.claim.check()
  await walk.ports.journal.cede(theirs)
  const message = `${describeServer(first)} was set to ${first.admin} by someone else while ${walk.progress.step} was in progress`
  throw new VesemirError('SERVER_NOT_IN_SERVICE', message)
}

/** Takes weights that no walk has set, and no box by its configuration, for the original: a person has set them. */
export async function adoptForeignWeights(walk: Walk, seen: readonly ServerState[]): Promise<void> {
  const entries = await walk.ports.journal.find(seen)
  await adoptWeights(
    walk,
    seen.filter((now) => entries.some((entry) => isSameServer(entry.server, now) && !isOurWeight(now, entry))),
  )
}

/** Takes the weights of servers as they are now for the original, to which the walk goes back. */
export async function adoptWeights(walk: Walk, theirs: readonly ServerState[]): Promise<void> {
  if (theirs.length === 0) return
  const servers = snapshotOf(walk).map((before) => {
    const now = theirs.find((server) => isSameServer(server, before))
    return now ? { ...before, weight: now.weight } : before
  })
  walk.progress.adopted = [...walk.progress.adopted, ...theirs]
  await noteServers(walk, servers)
  const leftOut = walk.claim.host.leftOut === true
  await walk.claim.append({ type: 'servers.snapshotted', host: walk.target.name, servers, leftOut })
}
