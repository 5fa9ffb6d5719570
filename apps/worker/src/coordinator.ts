import type { DeploymentJob, Queues } from '@vesemir/adapters/queue'
import type { Records } from '@vesemir/adapters/record'
import { runRollout, VesemirError, type RolloutPorts } from '@vesemir/core'

interface CoordinatorDeps {
  records: Pick<Records, 'readDeployment' | 'claimDeployment'>
  queues: Pick<Queues, 'hostJobs'>
  ports: Omit<RolloutPorts, 'hostJobs'>
  /** This worker's name, for the record. */
  worker: string
}

/**
 * Makes the processor of deployment jobs: it runs the deployment to its end, and fails the job when the deployment failed,
 * so that the queue dashboard shows it so.
 */
export function createCoordinator({ records, queues, ports, worker }: CoordinatorDeps) {
  return async ({ deploymentId }: Pick<DeploymentJob, 'deploymentId'>, signal: AbortSignal): Promise<void> => {
    const before = await records.readDeployment(deploymentId)
    if (!before) throw new VesemirError('DEPLOYMENT_UNKNOWN', `there is no deployment ${deploymentId}`)
    if ('endedAt' in before.state)
      throw new VesemirError('DEPLOYMENT_ENDED', `${deploymentId} has ended: ${before.state.status}`)
    const claim = await records.claimDeployment(deploymentId, worker)
    await runRollout(claim, { ...ports, hostJobs: queues.hostJobs(claim.deployment) }, signal)
    const { state } = claim.deployment
    if (state.status === 'failed') throw new Error(`${state.failure.code}: ${state.failure.message}`)
  }
}
