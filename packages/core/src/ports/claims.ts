import type { Failure } from '@vesemir/contract'
import type { DeploymentClaim } from './deployment-claim.ts'
import type { HostClaim } from './host-claim.ts'

/** Gives workers their exclusive right to a deployment or to one of its hosts. */
export interface Claims {
  /**
   * Claims a deployment: whoever had it can write no more.
   * @throws {VesemirError} `DEPLOYMENT_UNKNOWN`, `FENCE_LOST` when yet another claims it at the same moment, and `ORDER_NOT_SIGNED` or
   * `ORDER_FORGED` when Vesemir's processes did not write what its record says
   */
  claimDeployment(id: string, worker: string): Promise<DeploymentClaim>
  /**
   * Claims one host of a deployment; of one that no walk has begun on, the record says so with the first fact that is appended. Throws as
   * `claimDeployment`.
   */
  claimHost(id: string, host: string, worker: string): Promise<HostClaim>
  /** Ends a deployment as failed whose record cannot be relied on: no host of it is walked. */
  refuseDeployment(id: string, failure: Failure): Promise<void>
}
