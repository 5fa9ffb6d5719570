import type { Failure, ServerRef, ServerState } from '@vesemir/contract'
import { hasMoved } from './endpoints.ts'
import { isVesemirError, toFailure, type ErrorCode } from './errors.ts'
import { endHost, failStep } from './host-facts.ts'
import { isNotOurs } from './is-not-ours.ts'
import { ownsOrTakes } from './ownership.ts'
import type { HostClaim, HostEnd } from './ports/host-claim.ts'
import { readServiceLog } from './read-service-log.ts'
import { fullWeights, isHeldOut, isSameServer, trafficOf } from './servers.ts'
import { findStep } from './steps/steps.ts'
import { takeOut } from './take-out.ts'
import { reportBug, type OnBug } from './report-bug.ts'
import { act, change, snapshotOf, type ConnectedWalk, type HostPorts, type Walk } from './walk.ts'

/** Ends a host that failed: leaves its traffic safe, says where it is by what the boxes show, and why. */
export async function giveUp(walk: Walk | ConnectedWalk, error: unknown): Promise<HostEnd> {
  const { claim, ports, progress } = walk
  const failure: Failure = toFailure(error)
  reportBug(error, ports, subjectOf(claim))
  await failStep(walk, failure.message)
  progress.isOwner ||= await ownsOrTakes(claim, ports)
  const { servers, lack } = await makeSafe(walk, error)
  const log = await readServiceLog(walk, error)
  if (log.length > 0) failure.log = log
  const traffic = trafficOf(claim.host.snapshot, servers)
  if (!progress.isOwner || claim.host.asLeft)
    return endHost(claim, { outcome: outcomeOf(claim, error), traffic, failure })
  if (traffic === 'restored') await ports.journal.clear(walk.servers)
  else if (mustStayOut(walk, error))
    await leaveOut(claim, ports, lack === undefined ? snapshotOf(walk) : servers!.filter(isHeldOut))
  if (lack !== undefined) failure.message += `; left in service: ${lack}`
  return endHost(claim, { outcome: outcomeOf(claim, error), traffic, failure })
}

/** Ends a host whose boxes could not be reached: what an earlier attempt has left out of rotation is kept so. */
export async function giveUpWithoutBoxes(claim: HostClaim, ports: HostPorts, error: unknown): Promise<HostEnd> {
  reportBug(error, ports, subjectOf(claim))
  const traffic = trafficOf(claim.host.snapshot, undefined)
  const isOwner = await ownsOrTakes(claim, ports)
  const { snapshot = [], asLeft, unproven, leftOut } = claim.host
  if (isOwner && !asLeft && (unproven || leftOut)) await leaveOut(claim, ports, snapshot)
  return endHost(claim, { outcome: 'failed', traffic, failure: toFailure(error) })
}

/** Whether the host is as it was before the walk, but for its traffic. */
export function isUntouched({ claim, progress }: Walk): boolean {
  return !claim.host.unproven && findStep(progress.step).leaves === 'as-before'
}

function subjectOf({ deployment, host }: HostClaim): Parameters<OnBug>[1] {
  return { deployment: deployment.id, host: host.target.name }
}

/**
 * Undoes what has to be undone, without needing the host itself, and reads the boxes a last time. Until the changeset
 * begins, the host goes back to what it was; from then on it stays out of rotation, since what it runs is not proven. What is
 * another's is only read.
 */
async function makeSafe(walk: Walk, error: unknown): Promise<{ servers: ServerState[] | undefined; lack?: string }> {
  const { claim, balancer, servers, signal } = walk
  const { snapshot } = claim.host
  if (!snapshot || servers.length === 0) return { servers: snapshot }
  try {
    if (!walk.progress.isOwner) return { servers: await balancer.read(servers, signal) }
    if (claim.host.asLeft) return { servers: await keepAsLeft(walk) }
    if (isVesemirError(error, 'SERVER_MOVED')) return await makeRestSafe(walk, error)
    if (isUntouched(walk) && !mustStayOut(walk, error))
      return { servers: await change(walk, () => balancer.admit(fullWeights(snapshot), signal)) }
    if (isUntouched(walk) || !mustStayOut(walk, error)) return { servers: await balancer.read(servers, signal) }
    if (await isBack(walk)) return await takeOut(walk)
    return { servers: await change(walk, () => balancer.hold(servers, signal)) }
  } catch (undoError) {
    if (isNotOurs(undoError, signal)) throw undoError
    reportBug(undoError, walk.ports, subjectOf(claim))
    // A box that was tried for as long as it may take is not tried again for as long.
    if (isVesemirError(undoError, 'LOAD_BALANCER_UNREACHABLE')) return { servers: undefined }
    return { servers: await balancer.read(servers, signal).catch(() => undefined) }
  }
}

/**
 * Whether the host serves and is counted on. A walk that was interrupted right after it had brought its host back begins again, and
 * may find no capacity to drain it once more.
 */
async function isBack({ progress, balancer, servers, signal }: Walk): Promise<boolean> {
  const { rotation } = findStep(progress.step)
  if (rotation === 'out' || rotation === 'returning') return false
  return rotation === 'back' || !(await balancer.read(servers, signal)).some(isHeldOut)
}

/**
 * Leaves servers that this walk has not changed to whoever has them: those that are left out are held, also where a reload has
 * just put them back; those that someone else has put back serve on, and may be the ones that no backend can spare.
 */
async function keepAsLeft(walk: Walk): Promise<ServerState[]> {
  const { balancer, servers, signal, ports } = walk
  const seen = await balancer.read(servers, signal)
  const left = await ports.journal.listLeft()
  const isLeft = (now: ServerState) => left.some(({ server }) => isSameServer(server, now))
  const returned = seen.filter((now) => !isHeldOut(now) && isLeft(now))
  if (returned.length === 0) return seen
  await act(walk, () => balancer.hold(returned, signal))
  return balancer.read(servers, signal)
}

/** Undoes what can be undone where servers have moved: what stands for another machine now is only told. */
async function makeRestSafe(walk: Walk, error: unknown): Promise<{ servers: undefined }> {
  const { balancer, servers, signal } = walk
  const bare = servers.map(({ box, backend, server }) => ({ box, backend, server }))
  const seen = await balancer.read(bare, signal)
  const rest = snapshotOf(walk).filter((before) =>
    seen.some((now) => isSameServer(now, before) && !hasMoved(before, now)),
  )
  await act(walk, () =>
    mustStayOut(walk, error) ? balancer.hold(rest, signal) : balancer.admit(fullWeights(rest), signal),
  )
  return { servers: undefined }
}

/** Whether what the host runs is not proven: it is left out already, or was changed and is not back yet, or not well. */
function mustStayOut(walk: Walk, error: unknown): boolean {
  if (isUntouched(walk)) return walk.claim.host.leftOut === true
  const { leaves } = findStep(walk.progress.step)
  return typeof leaves === 'string' || isVesemirError(error, ...leaves.provenUnless)
}

/** Has servers of the host kept out of rotation when its walk is over. */
async function leaveOut(claim: HostClaim, { journal }: HostPorts, servers: readonly ServerRef[]): Promise<void> {
  const { deployment, host } = claim
  if (servers.length === 0) return
  await claim.check()
  await journal.leave(servers, { deploymentId: deployment.id, host: host.target.name })
}

/** What says that the host could not be worked on, rather than that the work failed. */
const unreachable: readonly ErrorCode[] = [
  'SSH_NAME_UNKNOWN',
  'SSH_REFUSED',
  'SSH_TIMED_OUT',
  'SSH_UNREACHABLE',
  'SSH_HOST_KEY_MISMATCH',
  'SSH_AUTH_FAILED',
  'SSH_CHANNEL_REFUSED',
  'SSH_CONNECTION_LOST',
]

/** A host that someone else holds out of rotation is left to them, when nothing was done to it yet. */
function outcomeOf({ host }: HostClaim, error: unknown): Exclude<HostEnd, 'succeeded'> {
  if (isVesemirError(error, 'CANCELLED')) return 'skipped'
  if (!host.snapshot && isVesemirError(error, 'SERVER_NOT_IN_SERVICE')) return 'skipped'
  return isVesemirError(error, ...unreachable) ? 'unreachable' : 'failed'
}
