import { setTimeout } from 'node:timers/promises'
import { createSystemClock } from '@vesemir/process/clock'
import { createQueues } from '@vesemir/store/queue'
import { noSeals } from '@vesemir/store/seal'
import { Redis } from 'ioredis'
import type { Fleet } from '../../infra/fleet/fleet.ts'
import { cluster } from '../../infra/vesemir/worker-settings.ts'

const unfinished = ['active', 'waiting', 'delayed', 'prioritized', 'waiting-children'] as const

/** How long jobs may take to end after their deployment: a lock of a dead worker runs out, and the job is looked at once more. */
const settleMs = 15_000

/** Names the jobs that are not over although no deployment is active. */
export async function findStuckJobs(fleet: Fleet): Promise<string[]> {
  const redis = new Redis(fleet.redisUrl, { maxRetriesPerRequest: null })
  await using queues = createQueues(redis, { clusters: [cluster], clock: createSystemClock(), seals: noSeals })
  try {
    const deadlineMs = Date.now() + settleMs
    for (;;) {
      const jobs = (await Promise.all(queues.all.map((queue) => queue.getJobs([...unfinished])))).flat()
      if (jobs.length === 0 || Date.now() > deadlineMs) return jobs.map(({ queueName, id }) => `${queueName} ${id}`)
      await setTimeout(100)
    }
  } finally {
    redis.disconnect()
  }
}
