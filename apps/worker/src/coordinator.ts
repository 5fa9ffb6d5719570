import type { DeploymentJob, Queues } from '@vesemir/store/queue'
import type { Deployment, DeploymentSpec } from '@vesemir/contract'
import {
  freezeToWaitFor,
  isEnded,
  runRollout,
  VesemirError,
  type Claims,
  type Deployments,
  type RemoteShell,
  type RolloutPorts,
  type Turns,
} from '@vesemir/core'
import type { Purpose } from '@vesemir/machines/remote-shell'
import { purposeOf } from './purpose-of.ts'
import { refusingExpired } from './refuse-expired.ts'
import { refusingForged } from './refusing-forged.ts'

interface CoordinatorDeps {
  claims: Claims
  deployments: Deployments
  turns: Turns
  queues: Pick<Queues, 'hostJobs' | 'enqueueDeployment'>
  ports: Omit<RolloutPorts, 'hostJobs' | 'remoteShell'> & {
    remoteShell: { for(purpose: Purpose): RemoteShell }
  }
  /** The cluster whose jobs these are. */
  cluster: string
  /** This worker's name, for the record. */
  worker: string
  /** How old an order may be when it is taken up. */
  maxOrderAgeMs: number
}

interface Done {
  deployment: Deployment
  endedNow: boolean
}

/**
 * Makes the processor of deployment jobs: it runs the deployment to its end when it has its turn, then gives the next its
 * turn, and fails the job when the deployment failed, so that the queue dashboard shows it so. A deployment that nobody ordered,
 * by what is signed, ends as failed before anything is done.
 */
export function createCoordinator(deps: CoordinatorDeps) {
  const { claims, deployments, turns, queues, ports, cluster, worker } = deps

  return async ({ deploymentId: id }: Pick<DeploymentJob, 'deploymentId'>, signal: AbortSignal): Promise<void> => {
    const done = await refusingForged(id, claims, () => run(id, signal))
    if (!done) return
    const { spec, state } = done.deployment
    await startNext(spec)
    if (done.endedNow && state.status === 'failed') throw new Error(`${state.failure.code}: ${state.failure.message}`)
  }

  /** Returns the deployment as it has ended; nothing when it has to wait. */
  async function run(id: string, signal: AbortSignal): Promise<Done | undefined> {
    const before = await deployments.read(id)
    if (!before) throw new VesemirError('DEPLOYMENT_UNKNOWN', `deployment ${id} not found`)
    if (before.spec.cluster !== cluster)
      throw new VesemirError('ORDER_MISDIRECTED', `${id} is for cluster ${before.spec.cluster}, not ${cluster}`)
    if (isEnded(before)) {
      await ports.notices.catchUp(before)
      return { deployment: before, endedNow: false }
    }
    const isHeldBy = (spec: DeploymentSpec) => freezeToWaitFor(spec, ports.rules, ports.clock.now())
    if ((await turns.check(id, isHeldBy)) !== undefined) return undefined
    const claimed = await claims.claimDeployment(id, worker)
    const claim = await refusingExpired(claimed, { ...deps, clock: ports.clock })
    if (isEnded(claim.deployment)) await ports.notices.catchUp(claim.deployment)
    else await runRollout(claim, portsFor(claim.deployment), signal)
    return { deployment: claim.deployment, endedNow: true }
  }

  function portsFor(deployment: Deployment): RolloutPorts {
    const remoteShell = ports.remoteShell.for(purposeOf(deployment))
    return { ...ports, remoteShell, hostJobs: queues.hostJobs(deployment) }
  }

  async function startNext(place: { application: string; environment: string }): Promise<void> {
    const id = await turns.next(place)
    const next = id === undefined ? undefined : await deployments.read(id)
    if (next) await queues.enqueueDeployment(next)
  }
}
