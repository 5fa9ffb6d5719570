import type { QueueHold } from '@vesemir/contract'
import type { Queue } from 'bullmq'

interface ClusterQueues {
  cluster: string
  deployments: Queue
  hosts: Queue
}

/** Finds why jobs of deployments and hosts wait that workers could take: a person has paused or limited their queue. */
export async function findHolds(clusters: readonly ClusterQueues[]): Promise<QueueHold[]> {
  const holds = await Promise.all(
    clusters.flatMap(({ cluster, deployments, hosts }) =>
      [deployments, hosts].map(async (queue) => (await holdsOf(queue)).map((reason) => ({ cluster, reason }))),
    ),
  )
  return holds.flat()
}

async function holdsOf(queue: Queue): Promise<string[]> {
  const [isPaused, isMaxed, concurrency, limit, freeInMs] = await Promise.all([
    queue.isPaused(),
    queue.isMaxed(),
    queue.getGlobalConcurrency(),
    queue.getGlobalRateLimit(),
    queue.getRateLimitTtl(),
  ])
  return [
    ...(isPaused ? [`queue ${queue.name} is paused`] : []),
    ...(isMaxed && concurrency !== null ? [`queue ${queue.name} is limited to ${concurrency} at once`] : []),
    ...(limit !== null && freeInMs > 0
      ? [`queue ${queue.name} is limited to ${limit.max} in ${Math.round(limit.duration / 1000)} s`]
      : []),
  ]
}
