import type { DeploymentJob, JobRun, Queues } from '@vesemir/store/queue'
import {
  isEnded,
  runRollout,
  VesemirError,
  type Claims,
  type Commands,
  type Deployments,
  type RolloutPorts,
  type Turns,
} from '@vesemir/core'
import { retryByDashboard } from './retry-by-dashboard.ts'

interface CoordinatorDeps {
  claims: Claims
  commands: Commands
  deployments: Deployments
  turns: Turns
  queues: Pick<Queues, 'hostJobs' | 'enqueueDeployment'>
  ports: Omit<RolloutPorts, 'hostJobs'>
  /** This worker's name, for the record. */
  worker: string
}

/**
 * Makes the processor of deployment jobs: it runs the deployment to its end when it has its turn, then gives the next its
 * turn, and fails the job when the deployment failed, so that the queue dashboard shows it so. The job of a deployment that
 * has ended, run again by a person, retries the deployment.
 */
export function createCoordinator(deps: CoordinatorDeps) {
  const { claims, commands, deployments, turns, queues, ports, worker } = deps
  return async (
    { deploymentId: id }: Pick<DeploymentJob, 'deploymentId'>,
    signal: AbortSignal,
    run: JobRun,
  ): Promise<void> => {
    const before = await deployments.read(id)
    if (!before) throw new VesemirError('DEPLOYMENT_UNKNOWN', `there is no deployment ${id}`)
    const begun = await claims.beginRun(id, run.number)
    if (isEnded(before)) {
      if (begun === 'again' || !run.isByPerson) {
        await ports.notices.catchUp(before)
        return startNext(before.spec)
      }
      await retryByDashboard(commands, { deploymentId: id })
    }
    if ((await turns.check(id)) !== undefined) return
    const claim = await claims.claimDeployment(id, worker)
    await runRollout(claim, { ...ports, hostJobs: queues.hostJobs(claim.deployment) }, signal)
    const { state, spec } = claim.deployment
    await startNext(spec)
    if (state.status === 'failed') throw new Error(`${state.failure.code}: ${state.failure.message}`)
  }

  async function startNext(place: { application: string; environment: string }): Promise<void> {
    const id = await turns.next(place)
    const next = id === undefined ? undefined : await deployments.read(id)
    if (next) await queues.enqueueDeployment(next)
  }
}
