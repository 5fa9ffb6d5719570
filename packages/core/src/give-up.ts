import type { ServerState } from '@vesemir/contract'
import { hasMoved } from './endpoints.ts'
import { isVesemirError, toFailure, type ErrorCode } from './errors.ts'
import { endHost, failStep } from './host-facts.ts'
import { isNotOurs } from './is-not-ours.ts'
import { ownsOrTakes } from './ownership.ts'
import type { HostClaim, HostEnd } from './ports/host-claim.ts'
import { fullWeights, isSameServer, trafficOf } from './servers.ts'
import { findStep } from './steps/steps.ts'
import { takeOut } from './take-out.ts'
import { tellBug, type OnBug } from './tell-bug.ts'
import { act, change, snapshotOf, type HostPorts, type Walk } from './walk.ts'

/** Ends a host that failed: leaves its traffic safe, says where it is by what the boxes show, and why. */
export async function giveUp(walk: Walk, error: unknown): Promise<HostEnd> {
  const { claim, ports, progress } = walk
  const failure = toFailure(error)
  tellBug(error, ports, placeOf(claim))
  await failStep(walk, failure.message)
  progress.isOwner ||= await ownsOrTakes(claim, ports)
  const { servers, lack } = await makeSafe(walk, error)
  const traffic = trafficOf(claim.host.snapshot, servers)
  if (!progress.isOwner) return endHost(claim, { outcome: outcomeOf(claim, error), traffic, failure })
  if (traffic === 'restored') await ports.journal.clear(walk.servers)
  else if (mustStayOut(walk, error)) await leaveOut(claim, ports)
  if (lack !== undefined) failure.message += `; left in service: ${lack}`
  return endHost(claim, { outcome: outcomeOf(claim, error), traffic, failure })
}

/** Ends a host whose boxes could not be reached: what an earlier attempt has left out of rotation is kept so. */
export async function giveUpWithoutBoxes(claim: HostClaim, ports: HostPorts, error: unknown): Promise<HostEnd> {
  tellBug(error, ports, placeOf(claim))
  const traffic = trafficOf(claim.host.snapshot, undefined)
  const isOwner = await ownsOrTakes(claim, ports)
  if (isOwner && (claim.host.unproven || claim.host.leftOut)) await leaveOut(claim, ports)
  return endHost(claim, { outcome: 'failed', traffic, failure: toFailure(error) })
}

/** Whether the host is as it was before the walk, but for its traffic. */
export function isUntouched({ claim, progress }: Walk): boolean {
  return !claim.host.unproven && findStep(progress.step).leaves === 'as-before'
}

function placeOf({ deployment, host }: HostClaim): Parameters<OnBug>[1] {
  return { deploymentId: deployment.id, host: host.target.name }
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
    if (isVesemirError(error, 'SERVER_MOVED')) return await makeRestSafe(walk, error)
    if (isUntouched(walk) && !mustStayOut(walk, error))
      return { servers: await change(walk, () => balancer.admit(fullWeights(snapshot), signal)) }
    if (isUntouched(walk) || !mustStayOut(walk, error)) return { servers: await balancer.read(servers, signal) }
    if (isServing(walk, error)) return await takeOut(walk)
    return { servers: await change(walk, () => balancer.hold(servers, signal)) }
  } catch (undoError) {
    if (isNotOurs(undoError, signal)) throw undoError
    tellBug(undoError, walk.ports, placeOf(claim))
    // A box that was tried for as long as it may take is not tried again for as long.
    if (isVesemirError(undoError, 'LOAD_BALANCER_UNREACHABLE')) return { servers: undefined }
    return { servers: await balancer.read(servers, signal).catch(() => undefined) }
  }
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

/** Whether the host is well and counts among those in service: to take it out costs capacity. */
function isServing({ progress }: Walk, error: unknown): boolean {
  return findStep(progress.step).rotation === 'back' && !isVesemirError(error, 'SERVER_UNHEALTHY')
}

/** Whether what the host runs is not proven: it is left out already, or was changed and is not back yet, or not well. */
function mustStayOut(walk: Walk, error: unknown): boolean {
  if (isUntouched(walk)) return walk.claim.host.leftOut === true
  const { leaves } = findStep(walk.progress.step)
  return typeof leaves === 'string' || isVesemirError(error, ...leaves.provenUnless)
}

/** Has the host's servers kept out of rotation when its walk is over. */
async function leaveOut(claim: HostClaim, { journal }: HostPorts): Promise<void> {
  const { deployment, host } = claim
  if (!host.snapshot) return
  await claim.check()
  await journal.leave(host.snapshot, { deploymentId: deployment.id, host: host.target.name })
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
