import type { ServerState } from '@vesemir/contract'
import { hasMoved } from './endpoints.ts'
import { originalOf, toNotedServers } from './original-state.ts'
import type { Mark } from './ports/marks.ts'
import type { Deployments } from './ports/deployments.ts'
import { isHeldOut, isSameServer } from './servers.ts'
import { snapshotOf, type ConnectedWalk } from './walk.ts'

/** Has the host keep what this walk goes back to, from the next script that runs on it: so it is known also if Redis forgets. */
export async function leaveMark(walk: ConnectedWalk, seen: readonly ServerState[]): Promise<void> {
  const { claim, ports, traffic, progress, mark } = walk
  const entries = await ports.journal.find(seen)
  const entryOf = (now: ServerState) => entries.find(({ server }) => isSameServer(server, now))
  const kept = snapshotOf(walk)
  const originals = kept.length > 0 ? kept : seen.map((now) => originalOf(now, entryOf(now)))
  const known = originals.filter((server) => server !== undefined)
  // Servers that a person holds are theirs: the walk will end there.
  if (known.length === 0 || known.length < originals.length) return
  const { deployment, host, attempt } = claim
  progress.isMarked = true
  mark.put({
    epoch: ports.epoch.id,
    deploymentId: deployment.id,
    createdAt: deployment.createdAt,
    host: host.target.name,
    attempt,
    step: progress.step,
    servers: toNotedServers(known, { percents: traffic.weightPercents, entries }),
  })
}

/** Makes sure that the host has the mark, right before its servers are changed. */
export async function confirmMark(walk: ConnectedWalk): Promise<void> {
  const { balancer, servers, signal, waits, progress, mark } = walk
  if (!progress.isMarked) await leaveMark(walk, await balancer.read(servers, signal))
  if (progress.isMarked) await mark.written(waits)
}

/**
 * Takes servers for Vesemir's that are out of rotation, and of which the journal knows nothing, where the host has the mark of a walk
 * that Redis has forgotten. Asks no host otherwise.
 */
export async function adoptMark(walk: ConnectedWalk, seen: readonly ServerState[]): Promise<void> {
  const { claim, ports, mark, signal, target } = walk
  if (claim.host.snapshot) return
  const entries = await ports.journal.find(seen)
  const unknown = seen.filter((now) => isHeldOut(now) && !entries.some(({ server }) => isSameServer(server, now)))
  const found = unknown.length > 0 ? await mark.read(signal) : undefined
  if (!found || (await isSettled(found, ports.deployments))) return
  const ours = serversOf(found, unknown)
  if (ours.length === 0) return
  await ports.epoch.learn(found.deploymentId)
  await claim.check()
  await ports.journal.note(ours, { deploymentId: found.deploymentId, host: target.name })
}

/** Returns what a mark says of servers that still stand for its host. */
export function serversOf({ servers }: Mark, seen: readonly ServerState[]): Mark['servers'] {
  return servers.filter(({ server }) => seen.some((now) => isSameServer(now, server) && !hasMoved(server, now)))
}

/**
 * Whether the record knows that the walk of a mark has ended. What it left out was in the journal then: what the journal no longer has
 * was put back since, and is out by a person, even where the host shows the mark again.
 */
export async function isSettled(
  { deploymentId, createdAt, host, attempt }: Mark,
  deployments: Pick<Deployments, 'read' | 'readHost'>,
): Promise<boolean> {
  const deployment = await deployments.read(deploymentId)
  if (deployment?.createdAt !== createdAt) return false
  const record = await deployments.readHost(deploymentId, host)
  if (!record || record.attempt < attempt) return false
  return record.attempt > attempt || 'endedAt' in record.state
}
