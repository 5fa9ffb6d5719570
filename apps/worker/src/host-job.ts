import type { HostJob, JobRun, Queues } from '@vesemir/store/queue'
import type { Deployment, HostRecord, HostTarget } from '@vesemir/contract'
import {
  isEnded,
  runHost,
  VesemirError,
  type Claims,
  type Commands,
  type Deployments,
  type HostPorts,
  type Turns,
} from '@vesemir/core'
import { retryByDashboard } from './retry-by-dashboard.ts'

interface HostJobDeps {
  claims: Claims
  commands: Commands
  deployments: Deployments
  turns: Turns
  queues: Pick<Queues, 'enqueueDeployment'>
  ports: Omit<HostPorts, 'onLull'>
  /** Connects to a host whose turn is soon. */
  connectAhead: (target: HostTarget) => void
  /** This worker's name, for the record. */
  worker: string
}

type Target = Pick<HostJob, 'deploymentId' | 'host' | 'successor'>

/**
 * Makes the processor of host jobs: it takes the host through the walk, and fails the job when the host failed. The job of a
 * host that has ended, run again by a person, retries that host: as a command to its deployment, under the same lock and
 * rules as any other.
 */
export function createHostJob(deps: HostJobDeps) {
  const { claims, commands, deployments, turns, queues, ports, connectAhead, worker } = deps
  return async (target: Target, signal: AbortSignal, run: JobRun): Promise<void> => {
    const { deploymentId: id, host } = target
    const before = await claims.beginHostRun(id, host, run.number)
    if (!before) throw new VesemirError('DEPLOYMENT_UNKNOWN', `there is no host ${host} in deployment ${id}`)
    if (hasEnded(before.host)) {
      if (before.begun === 'again' || !run.isByPerson) return
      await retry(target, signal)
    }
    await using claim = await claims.claimHost(id, host, worker)
    if (hasEnded(claim.host)) return
    await runHost(claim, { ...ports, onLull: () => void prepareFor(target).catch(() => {}) }, signal)
    throwFailure(claim.host)
  }

  /** What is not ready when its turn has come is got ready then. */
  async function prepareFor({ deploymentId, successor }: Target): Promise<void> {
    const next = successor === undefined ? undefined : await deployments.readHost(deploymentId, successor)
    if (next?.state.status === 'pending') connectAhead(next.target)
  }

  /** Has the deployment walk the host again, and waits until it may begin. */
  async function retry({ deploymentId: id, host }: Target, signal: AbortSignal): Promise<void> {
    await retryByDashboard(commands, { deploymentId: id, host })
    await queues.enqueueDeployment((await deployments.read(id))!)
    for (let leftMs = longestRequeueMs; ; leftMs -= lookAgainMs) {
      const record = await deployments.readHost(id, host)
      if (record && !hasEnded(record)) return
      throwRefusal((await deployments.read(id))!)
      const waitingFor = await turns.check(id)
      if (waitingFor !== undefined) throw new VesemirError('LOCK_HELD', `the retry of ${host} waits for ${waitingFor}`)
      if (leftMs <= 0) throw new VesemirError('LOCK_HELD', `the retry of ${host} is left to its deployment`)
      await ports.clock.sleep(lookAgainMs, signal)
    }
  }
}

/** How long the coordinator may take to have the host walked again; after that it starts this job itself. */
const longestRequeueMs = 10_000
const lookAgainMs = 50

function hasEnded({ state }: HostRecord): boolean {
  return state.status !== 'pending' && state.status !== 'running'
}

/** The deployment's turn has come, and it did not do what the retry asked for. */
function throwRefusal(deployment: Deployment): void {
  const { refused } = deployment
  if (isEnded(deployment) && refused) throw new Error(`${refused.code}: ${refused.message}`)
}

function throwFailure({ state }: HostRecord): void {
  if ('failure' in state && state.failure) throw new Error(`${state.failure.code}: ${state.failure.message}`)
}
