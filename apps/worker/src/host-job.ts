import type { HostJob } from '@vesemir/adapters/queue'
import type { Records } from '@vesemir/adapters/record'
import type { HostRecord } from '@vesemir/contract'
import { runHost, VesemirError, type HostPorts } from '@vesemir/core'

interface HostJobDeps {
  records: Pick<Records, 'readDeployment' | 'claimHost'>
  ports: HostPorts
  /** This worker's name, for the record. */
  worker: string
}

/**
 * Makes the processor of host jobs: it takes the host through the walk, and fails the job when the host failed. A job that
 * is run again after its host has ended does nothing; after its deployment has ended it says so.
 */
export function createHostJob({ records, ports, worker }: HostJobDeps) {
  return async ({ deploymentId, host }: Pick<HostJob, 'deploymentId' | 'host'>, signal: AbortSignal): Promise<void> => {
    const deployment = await records.readDeployment(deploymentId)
    if (!deployment) throw new VesemirError('DEPLOYMENT_UNKNOWN', `there is no deployment ${deploymentId}`)
    if ('endedAt' in deployment.state)
      throw new VesemirError('DEPLOYMENT_ENDED', `${deploymentId} has ended: ${deployment.state.status}`)
    const claim = await records.claimHost(deploymentId, host, worker)
    if (hasEnded(claim.host)) return
    await runHost(claim, ports, signal)
    throwFailure(claim.host)
  }
}

function hasEnded({ state }: HostRecord): boolean {
  return state.status !== 'pending' && state.status !== 'running'
}

function throwFailure({ state }: HostRecord): void {
  if ('failure' in state) throw new Error(`${state.failure.code}: ${state.failure.message}`)
}
