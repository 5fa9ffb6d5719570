import type { Deployment, DeploymentFilter, DeploymentPage, Grant } from '@vesemir/contract'

/** Finds deployments among all that are recorded. */
export interface DeploymentIndex {
  /** Lists deployments that a filter lets pass, the newest first: those that someone with these grants may see, or all. */
  list(filter: DeploymentFilter, grants?: readonly Grant[]): Promise<DeploymentPage>
  /** Lists the ids of deployments that have not ended. */
  listActive(): Promise<string[]>
  /** Lists the deployments that have not ended, the newest first. */
  listOngoing(): Promise<Deployment[]>
  /** Yields all deployments, the oldest first, as long as they are taken. */
  walkOldestFirst(): AsyncGenerator<Deployment>
  /** Corrects what finds deployments, some at a time, where it is not what their records say. Returns how many were looked at. */
  repair(): Promise<number>
}
