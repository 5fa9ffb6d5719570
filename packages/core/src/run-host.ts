import type { Failure, HostRecord, ServerState, StepName, Traffic } from '@vesemir/contract'
import { isVesemirError, toFailure, VesemirError, type ErrorCode } from './errors.ts'
import { runHooks } from './hooks.ts'
import { resumeStep, stepsFrom } from './host-steps.ts'
import { keepOut, noteReturn } from './keep-out.ts'
import { disown, tryToOwn } from './ownership.ts'
import type { DeferredFact, HostClaim, HostEnd } from './ports/claims.ts'
import type { LoadBalancerSession } from './ports/load-balancer.ts'
import { fullWeights, trafficOf } from './servers.ts'
import { deploy } from './steps/deploy.ts'
import { drain } from './steps/drain.ts'
import { enable } from './steps/enable.ts'
import { guard } from './steps/guard.ts'
import { restart } from './steps/restart.ts'
import { restore } from './steps/restore.ts'
import { soak } from './steps/soak.ts'
import { verify } from './steps/verify.ts'
import { countStepTime } from './step-time.ts'
import { proveAhead } from './prove-ahead.ts'
import { stageAhead } from './stage-ahead.ts'
import { takeOut } from './take-out.ts'
import { tellBug, type OnBug } from './tell-bug.ts'
import { trafficPolicy } from './traffic-policy.ts'
import { change, isVersionProven, noteInHand, type ConnectedWalk, type HostPorts, type Walk } from './walk.ts'
import { askWhatRuns, checkWayBack, noteCurrent } from './what-runs.ts'

/**
 * Takes one host through the walk, from where the record and the boxes say that it is, and ends its record.
 * Whatever fails on the way ends the host, not the caller.
 * @throws the signal's reason when this worker is to stop, and `FENCE_LOST` when another goes on: both leave the record as
 * it is, for the attempt that follows.
 */
export async function runHost(claim: HostClaim, ports: HostPorts, signal: AbortSignal): Promise<HostEnd> {
  const end = await walkToEnd(claim, ports, signal)
  await disown(claim, ports)
  return end
}

async function walkToEnd(claim: HostClaim, ports: HostPorts, signal: AbortSignal): Promise<HostEnd> {
  const stepMs = countStepTime(claim.host, stepOf(claim.host), ports.clock)
  let balancer: LoadBalancerSession
  try {
    balancer = await openBalancer(claim, ports, signal)
  } catch (error) {
    if (isNotOurs(error, signal)) throw error
    tellBug(error, ports, placeOf(claim))
    const traffic = trafficOf(claim.host.snapshot, undefined)
    const isOwner = (await tryToOwn(claim, ports)) === undefined
    if (isOwner && (claim.host.unproven || claim.host.leftOut)) await leaveOut(claim, ports)
    return endHost(claim, { outcome: 'failed', traffic, failure: toFailure(error) })
  }
  await using opened = balancer
  const walk = startWalk(claim, { ports, signal, balancer: opened, stepMs })
  try {
    await using remote = await ports.remoteShell.connect(walk.target, signal)
    const connected = Object.assign(walk, { remote })
    if (walk.step === 'connect') await endConnect(connected)
    return await walkAndEnd(connected)
  } catch (error) {
    if (isNotOurs(error, signal)) throw error
    return giveUp(walk, error)
  }
}

/** Walks the host to the end; cancelled when it no longer can simply go back, it is walked the way back. */
async function walkAndEnd(walk: ConnectedWalk): Promise<HostEnd> {
  const { claim } = walk
  const ended = (outcome: HostEnd, failure?: Failure) =>
    endHost(claim, {
      outcome,
      traffic: trafficOf(claim.host.snapshot, claim.host.seen),
      isVersionProven: isVersionProven(walk),
      ...(failure ? { failure } : {}),
    })
  try {
    await walkHost(walk)
    return await ended(walk.intent === 'deploy' ? 'succeeded' : 'rolled-back')
  } catch (error) {
    if (!isNotOurs(error, walk.signal)) await askWhatRuns(walk)
    if (walk.signal.aborted || isUntouched(walk) || !isVesemirError(error, 'CANCELLED')) throw error
    await endRunningStep(walk, error.message)
    await walkBack(walk, error.message)
    return ended('rolled-back', toFailure(error))
  }
}

/** Whether an error says that this worker is not to go on, rather than that the host failed. */
function isNotOurs(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || isVesemirError(error, 'FENCE_LOST')
}

/** Boxes first: what a dead attempt left on them can be put right even when the host itself is gone. */
async function openBalancer(claim: HostClaim, ports: HostPorts, signal: AbortSignal): Promise<LoadBalancerSession> {
  const { deployment, host } = claim
  if (host.state.status === 'pending') await startStep(claim, 'connect')
  return ports.loadBalancer.open(deployment.plan!.boxes, deployment.spec.loadBalancer, signal)
}

function startWalk(claim: HostClaim, context: Pick<Walk, 'ports' | 'signal' | 'balancer' | 'stepMs'>): Walk {
  const { spec } = claim.deployment
  const { target, servers, intent } = claim.host
  return {
    ...context,
    claim,
    spec,
    target,
    servers,
    traffic: trafficPolicy(spec.loadBalancer),
    step: stepOf(claim.host),
    intent,
    waits: claim.untilCancelled(context.signal),
    isOwner: false,
    adopted: [],
    hasReturned: false,
  }
}

/** The step that was begun last. */
function stepOf({ state }: HostRecord): StepName {
  return state.status === 'running' ? state.step : 'connect'
}

/** The step that connects has ended, once it is known, for the way back, that this leads where it should. */
async function endConnect(walk: ConnectedWalk): Promise<void> {
  const { claim, step, intent, stepMs } = walk
  if (intent === 'rollback') await checkWayBack(walk)
  claim.defer(endOf(claim, { step, durationMs: stepMs() }))
}

const stepActions: Record<Exclude<StepName, 'connect'>, (walk: ConnectedWalk) => Promise<string | undefined>> = {
  guard,
  drain,
  deploy,
  restart,
  verify,
  enable,
  soak,
  restore,
}

/** Steps at whose beginning the host must be out of rotation. */
const outOfRotation: readonly StepName[] = ['deploy', 'restart', 'verify', 'enable']

/** Steps during which a host that comes back into rotation is taken out at once. */
const watched: readonly StepName[] = ['deploy', 'restart', 'verify']

/** How often a host may come back into rotation by itself before the walk gives up: a reload or two, not a fight. */
const mostReturns = 5

async function walkHost(walk: ConnectedWalk): Promise<void> {
  const seen = await walk.balancer.read(walk.servers, walk.signal)
  walk.isOwner = (await tryToOwn(walk.claim, walk.ports)) === undefined
  const from = walk.isOwner ? resumeStep(walk.claim.host, seen) : 'guard'
  // A worker that died may have been about to leave it; what begins anew is noted when it is drained.
  if (from !== 'guard') await noteInHand(walk)
  const isInService = from === 'guard' || from === 'drain'
  await using _staging = walk.isOwner && isInService && walk.intent === 'deploy' ? stageAhead(walk) : nothing
  await using _proving = isInService ? proveAhead(walk) : nothing
  await walkSteps(walk, { from, all: stepsFrom('guard') })
}

/** Takes a host that is out of rotation back to the release before, and back into rotation without a soak. */
async function walkBack(walk: ConnectedWalk, why: string): Promise<void> {
  await walk.claim.append({ type: 'host.turned', host: walk.target.name, intent: 'rollback', why })
  walk.intent = 'rollback'
  walk.waits = walk.signal
  await walkSteps(walk, { from: 'deploy', all: stepsFrom('guard').filter((step) => step !== 'soak') })
}

async function walkSteps(
  walk: ConnectedWalk,
  { from, all }: { from: StepName; all: readonly StepName[] },
): Promise<void> {
  let todo: readonly StepName[] = all.slice(all.indexOf(from))
  for (let returns = 0; todo.length > 0;) {
    const [step] = todo
    if (outOfRotation.includes(step!)) {
      walk.waits.throwIfAborted()
      if (await isBackInRotation(walk)) {
        returns += 1
        if (returns > mostReturns)
          throw new VesemirError('HAPROXY_RELOADED', `${walk.target.name} came back into rotation ${returns} times`)
        todo = all
        continue
      }
    }
    await runStep(walk, step as keyof typeof stepActions)
    todo = todo.slice(1)
  }
}

/** A reload of HAProxy forgets drains, and people act too: the boxes are asked, not the record. */
async function isBackInRotation(walk: Walk): Promise<boolean> {
  const wasBack = walk.hasReturned
  walk.hasReturned = false
  const isBack = await noteReturn(walk, await walk.balancer.read(walk.servers, walk.signal))
  return isBack || wasBack
}

async function runStep(walk: ConnectedWalk, step: keyof typeof stepActions): Promise<void> {
  const { claim, ports } = walk
  if (step === 'deploy' && walk.intent === 'deploy') await noteCurrent(walk)
  walk.step = step
  walk.stepMs = countStepTime(claim.host, step, ports.clock)
  await startStep(claim, step)
  try {
    const note = await doStep(walk, step)
    claim.defer(endOf(claim, { step, durationMs: walk.stepMs(), note }))
  } finally {
    await claim.flush()
  }
}

async function doStep(walk: ConnectedWalk, step: keyof typeof stepActions): Promise<string | undefined> {
  await using _watch = watched.includes(step) ? keepOut(walk) : nothing
  await runHooks(walk, 'before')
  const note = await stepActions[step](walk)
  await runHooks(walk, 'after')
  return note
}

const nothing: AsyncDisposable = { [Symbol.asyncDispose]: async () => {} }

/** Ends a host that failed: leaves its traffic safe, says where it is by what the boxes show, and why. */
async function giveUp(walk: Walk, error: unknown): Promise<HostEnd> {
  const { claim, ports } = walk
  const failure = toFailure(error)
  tellBug(error, ports, placeOf(claim))
  await endRunningStep(walk, failure.message)
  walk.isOwner ||= (await tryToOwn(claim, ports)) === undefined
  const { servers, lack } = await makeSafe(walk, error)
  const traffic = trafficOf(claim.host.snapshot, servers)
  if (!walk.isOwner) return endHost(claim, { outcome: outcomeOf(claim, error), traffic, failure })
  if (traffic === 'restored') await ports.journal.clear(walk.servers)
  else if (mustStayOut(walk, error)) await leaveOut(claim, ports)
  if (lack !== undefined) failure.message += `; it serves on, since ${lack}`
  return endHost(claim, { outcome: outcomeOf(claim, error), traffic, failure })
}

function placeOf({ deployment, host }: HostClaim): Parameters<OnBug>[1] {
  return { deploymentId: deployment.id, host: host.target.name }
}

async function endRunningStep({ claim, step, stepMs }: Walk, note: string): Promise<void> {
  if (claim.host.steps.some((record) => record.step === step && record.status === 'running'))
    await claim.append(endOf(claim, { step, outcome: 'failed', durationMs: stepMs(), note }))
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
    if (!walk.isOwner) return { servers: await balancer.read(servers, signal) }
    if (isUntouched(walk) && !mustStayOut(walk, error))
      return { servers: await change(walk, () => balancer.admit(fullWeights(snapshot), signal)) }
    if (isUntouched(walk) || !mustStayOut(walk, error)) return { servers: await balancer.read(servers, signal) }
    if (isServing(walk, error)) return await takeOut(walk)
    return { servers: await change(walk, () => balancer.hold(servers, signal)) }
  } catch (undoError) {
    if (isNotOurs(undoError, signal)) throw undoError
    tellBug(undoError, walk.ports, placeOf(claim))
    // A box that was tried for as long as it may take is not tried again for as long.
    if (isVesemirError(undoError, 'HAPROXY_UNREACHABLE')) return { servers: undefined }
    return { servers: await balancer.read(servers, signal).catch(() => undefined) }
  }
}

/** Whether the host is well and counts among those in service: to take it out costs capacity. */
function isServing({ step }: Walk, error: unknown): boolean {
  return (step === 'soak' || step === 'restore') && !isVesemirError(error, 'SERVER_UNHEALTHY')
}

/** Whether what the host runs is not proven: it is left out already, or was changed and is not back yet, or not well. */
function mustStayOut(walk: Walk, error: unknown): boolean {
  if (isUntouched(walk)) return walk.claim.host.leftOut === true
  if (isVesemirError(error, 'VERSION_CHANGED', 'HEALTH_CHECK_FAILED')) return true
  if (walk.step === 'restore') return false
  return walk.step !== 'soak' || isVesemirError(error, 'SERVER_UNHEALTHY', 'SERVER_WORSE')
}

/** Has the host's servers kept out of rotation when its walk is over. */
async function leaveOut(claim: HostClaim, { journal }: HostPorts): Promise<void> {
  const { deployment, host } = claim
  if (!host.snapshot) return
  await claim.check()
  await journal.leave(host.snapshot, { deploymentId: deployment.id, host: host.target.name })
}

function isUntouched({ step, claim }: Walk): boolean {
  return !claim.host.unproven && ['connect', 'guard', 'drain', 'deploy'].includes(step)
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

async function startStep(claim: HostClaim, step: StepName): Promise<void> {
  await claim.append({ type: 'step.started', host: claim.host.target.name, step })
}

/** Says that a step has ended, and how: well, if nothing else is said. */
function endOf(
  claim: HostClaim,
  end: { step: StepName; outcome?: 'failed'; durationMs: number; note?: string | undefined },
): DeferredFact {
  const { step, outcome = 'succeeded', durationMs, note } = end
  const host = claim.host.target.name
  return { type: 'step.ended', host, step, outcome, durationMs, ...(note ? { note } : {}) }
}

async function endHost(
  claim: HostClaim,
  end: { outcome: HostEnd; traffic: Traffic; failure?: Failure; isVersionProven?: boolean },
): Promise<HostEnd> {
  await claim.append({ type: 'host.ended', host: claim.host.target.name, ...end })
  return end.outcome
}
