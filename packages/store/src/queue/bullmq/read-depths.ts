import type { Clock } from '@vesemir/core'
import type { Queue } from 'bullmq'

/** How much there is to do in a queue of a cluster. */
export interface QueueDepth {
  cluster: string
  /** `deployments`, `hosts`, `questions` or `notifications`. */
  name: string
  waiting: number
  active: number
  delayed: number
  failed: number
  /** How long the oldest job waits that no worker has taken; 0 without one. */
  oldestWaitingMs: number
}

/** Counts the jobs of the queues of clusters. */
export async function readDepths(
  ofCluster: ReadonlyMap<string, Readonly<Record<string, Queue>>>,
  clock: Pick<Clock, 'now'>,
): Promise<QueueDepth[]> {
  const depths = [...ofCluster].flatMap(([cluster, queues]) =>
    Object.entries(queues).map(([name, queue]) => readDepth(queue, { cluster, name, clock })),
  )
  return Promise.all(depths)
}

async function readDepth(
  queue: Queue,
  { cluster, name, clock }: { cluster: string; name: string; clock: Pick<Clock, 'now'> },
): Promise<QueueDepth> {
  const [counts, [oldest]] = await Promise.all([
    queue.getJobCounts('wait', 'active', 'delayed', 'failed'),
    queue.getJobs(['wait'], 0, 0, true),
  ])
  const { wait = 0, active = 0, delayed = 0, failed = 0 } = counts
  const oldestWaitingMs = oldest ? Math.max(0, clock.now() - oldest.timestamp) : 0
  return { cluster, name, waiting: wait, active, delayed, failed, oldestWaitingMs }
}
