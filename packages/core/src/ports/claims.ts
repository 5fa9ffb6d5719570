import type { HostRecord } from '@vesemir/contract'
import type { DeploymentClaim } from './deployment-claim.ts'
import type { HostClaim } from './host-claim.ts'

/** Gives workers their exclusive right to a deployment or to one of its hosts. */
export interface Claims {
  /** Notes that a run of the deployment's job begins; undefined when there is no such deployment. */
  beginRun(id: string, run: number): Promise<Begun | undefined>
  /** The same for a host's job; returns the host with it, as it is in that moment. */
  beginHostRun(id: string, host: string, run: number): Promise<{ begun: Begun; host: HostRecord } | undefined>
  /**
   * Claims a deployment: whoever had it can write no more.
   * @throws {VesemirError} `DEPLOYMENT_UNKNOWN`, `FENCE_LOST` when yet another claims it at the same moment
   */
  claimDeployment(id: string, worker: string): Promise<DeploymentClaim>
  /** Claims one host of a deployment. Throws as `claimDeployment`. */
  claimHost(id: string, host: string, worker: string): Promise<HostClaim>
}

/** Whether a run of a job is one that had begun before: a worker that died left it, or its answer to the queue was lost. */
export type Begun = 'again' | 'anew'
