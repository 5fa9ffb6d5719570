import type { Deployment, DeploymentFilter, DeploymentPage } from '@vesemir/contract'

/** Finds deployments among all that are recorded. */
export interface DeploymentIndex {
  /** Lists deployments that a filter lets pass and that are visible, the newest first. */
  list(filter: DeploymentFilter, isVisible?: (deployment: Deployment) => boolean): Promise<DeploymentPage>
  /** Lists the ids of deployments that have not ended. */
  listActive(): Promise<string[]>
  /** Yields all deployments, the oldest first, as long as they are taken. */
  walkOldestFirst(): AsyncGenerator<Deployment>
}
