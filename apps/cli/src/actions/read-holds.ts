import { ApiError, type Client, type Deployment, type QueueHold } from '@vesemir/contract'
import { shouldProgress } from '@vesemir/core'

/** Reads what keeps the jobs of deployments in progress waiting; nothing of those that wait for a person or have ended. */
export async function readHolds(
  client: Pick<Client, 'listWorkers'>,
  deployments: readonly Deployment[],
  signal?: AbortSignal,
): Promise<QueueHold[]> {
  const clusters = deployments.filter((deployment) => shouldProgress({ deployment })).map(({ spec }) => spec.cluster)
  if (clusters.length === 0) return []
  try {
    const { holds } = await client.listWorkers({ signal })
    return holds.filter(({ cluster }) => clusters.includes(cluster))
  } catch (error) {
    // What is asked for is the deployments; this is said beside them.
    if (error instanceof ApiError) return []
    throw error
  }
}
