import type { Failure } from '@vesemir/contract'
import { refuseUnaccepted } from './access/rules.ts'
import { compareEndpoints } from './endpoints.ts'
import { isVesemirError, toFailure } from './errors.ts'
import { giveUp, giveUpWithoutBoxes, isUntouched } from './give-up.ts'
import { endHost, failStep, startStep } from './host-facts.ts'
import { inParallel } from './in-parallel.ts'
import { isNotOurs } from './is-not-ours.ts'
import { adoptMark, leaveMark } from './leave-mark.ts'
import { giveUpOwnership, tryToOwn } from './ownership.ts'
import { sidesOf } from './peers/sides-of.ts'
import type { HostClaim, HostEnd } from './ports/host-claim.ts'
import type { LoadBalancerSession } from './ports/load-balancer.ts'
import { proveAhead } from './prove-ahead.ts'
import { canBeRelocated, relocate } from './relocate.ts'
import { resumeStep, stepInProgress } from './resume-step.ts'
import { trafficOf } from './servers.ts'
import { stageAhead } from './stage-ahead.ts'
import { countStepTime } from './step-time.ts'
import { deploy } from './steps/deploy.ts'
import { findStep, steps } from './steps/steps.ts'
import { trafficPolicy } from './traffic-policy.ts'
import { walkSteps, runStep } from './walk-steps.ts'
import {
  isVersionProven,
  noteInHand,
  revealed,
  type ConnectedWalk,
  type HostPorts,
  type Progress,
  type Walk,
} from './walk.ts'

const [connect, ...afterConnect] = steps

/**
 * Takes one host through the walk, from where the record and the boxes say that it is, and ends its record.
 * Whatever fails on the way ends the host, not the caller.
 * @throws the signal's reason when this worker is to stop, and `FENCE_LOST` when another goes on: both leave the record as
 * it is, for the attempt that follows.
 */
export async function runHost(claim: HostClaim, ports: HostPorts, signal: AbortSignal): Promise<HostEnd> {
  const end = await walkToEnd(claim, ports, signal)
  await giveUpOwnership(claim, ports)
  return end
}

/** How often a walk begins again since its servers have moved before it changed anything. */
const mostRestarts = 5

async function walkToEnd(claim: HostClaim, ports: HostPorts, signal: AbortSignal, restarts = 0): Promise<HostEnd> {
  const progress = startProgress(claim, ports)
  let balancer: LoadBalancerSession
  try {
    balancer = await openBalancer(claim, ports, signal)
  } catch (error) {
    if (isNotOurs(error, signal)) throw error
    return giveUpWithoutBoxes(claim, ports, error)
  }
  await using opened = balancer
  await using connections = new AsyncDisposableStack()
  let walk: Walk | ConnectedWalk = startWalk(claim, { ports, signal, balancer: compareEndpoints(opened), progress })
  try {
    await revealed(walk, walk.spec)
    walk = { ...walk, servers: await relocate(walk) }
    const session = connections.use(await ports.remoteShell.connect(walk.target, signal))
    const connected = { ...walk, ...ports.marks(session, walk.spec), staging: undefined, proving: undefined }
    walk = connected
    return await walkAndEnd(connected)
  } catch (error) {
    if (isNotOurs(error, signal)) throw error
    if (!canBeRelocated(walk, error) || restarts >= mostRestarts) return await giveUp(walk, error)
  }
  await connections.disposeAsync()
  return walkToEnd(claim, ports, signal, restarts + 1)
}

function startProgress({ host }: HostClaim, { clock }: HostPorts): Progress {
  const step = stepInProgress(host)
  return {
    step,
    stepMs: countStepTime(host, step, clock),
    isOwner: false,
    adopted: [],
    isMarked: false,
    hasReturned: false,
  }
}

/** Boxes first, unless the workers refuse to begin: what a dead attempt left on them can be put right even when the host itself is gone. */
async function openBalancer(claim: HostClaim, ports: HostPorts, signal: AbortSignal): Promise<LoadBalancerSession> {
  const { deployment, host } = claim
  if (host.state.status === 'pending') {
    refuseUnaccepted(deployment, ports.rules)
    await startStep(claim, connect.name)
  }
  return ports.loadBalancer.open(deployment.plan!.boxes, deployment.spec.loadBalancer, signal)
}

function startWalk(claim: HostClaim, context: Pick<Walk, 'ports' | 'signal' | 'balancer' | 'progress'>): Walk {
  const { spec } = claim.deployment
  const { target, servers } = claim.host
  const waits = claim.untilCancelled(context.signal)
  const readSides = async () => {
    const view = await context.ports.deployments.readView(claim.deployment.id)
    return sidesOf(view?.hosts ?? [], spec)
  }
  return { ...context, claim, spec, target, servers, waits, traffic: trafficPolicy(spec.loadBalancer), readSides }
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
    const [end] = await inParallel(
      () => ended(claim.host.intent === 'deploy' ? 'succeeded' : 'rolled-back'),
      () => walk.mark.clear(),
    )
    return end
  } catch (error) {
    if (!isNotOurs(error, walk.signal)) await findStep(walk.progress.step).inspectFailure?.(walk, error)
    if (!isNotOurs(error, walk.signal) && isUntouched(walk)) await walk.mark.clear()
    if (walk.signal.aborted || isUntouched(walk) || walk.claim.host.asLeft || !isVesemirError(error, 'CANCELLED'))
      throw error
    await failStep(walk, error.message)
    await walkBack(walk, error.message)
    await walk.mark.clear()
    return ended('rolled-back', toFailure(error))
  }
}

async function walkHost(walk: ConnectedWalk): Promise<void> {
  const { claim, ports, progress } = walk
  if (progress.step === connect.name) await runStep(walk, connect)
  const seen = await walk.balancer.read(walk.servers, walk.signal)
  progress.isOwner = (await tryToOwn(claim, ports)) === undefined
  if (progress.isOwner) await adoptMark(walk, seen)
  const from = progress.isOwner ? resumeStep(claim.host, seen) : afterConnect[0]
  // A worker that died may have been about to leave it; what begins again is noted when it is drained.
  if (from !== afterConnect[0]) await noteInHand(walk)
  if (progress.isOwner) await leaveMark(walk, seen)
  const serves = from.rotation === 'in' || from.rotation === 'leaving'
  await using staging = serves && progress.isOwner && claim.host.intent === 'deploy' ? stageAhead(walk) : undefined
  await using proving = serves ? proveAhead(walk, staging) : undefined
  const waits = proving?.orFailed ?? walk.waits
  await walkSteps({ ...walk, staging, proving: proving?.done, waits }, { all: afterConnect, from })
}

/** Takes a host that is out of rotation back to the release before, and back into rotation without a soak. */
async function walkBack(walk: ConnectedWalk, why: string): Promise<void> {
  await walk.claim.append({ type: 'host.turned', host: walk.target.name, intent: 'rollback', why })
  const all = afterConnect.filter((step) => !step.isSkippedOnWayBack)
  // No soak follows, in which the load balancer's own check would confirm a probe.
  const traffic = { ...walk.traffic, proof: 'check' as const }
  await walkSteps({ ...walk, traffic, waits: walk.signal }, { all, from: deploy })
}
