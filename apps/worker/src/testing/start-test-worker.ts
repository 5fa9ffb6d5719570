import { createSystemClock } from '@vesemir/adapters/clock'
import { createJournal } from '@vesemir/adapters/journal'
import { createLocks } from '@vesemir/adapters/lock'
import { createDeploymentWorker, createHostWorker } from '@vesemir/adapters/queue'
import { createCoordinator } from '../coordinator.ts'
import { createHostJob } from '../host-job.ts'
import type { inMemoryCluster } from './in-memory-cluster.ts'
import { cluster, type Stores } from './open-stores.ts'

/** Takes the jobs of the test's cluster, as the worker's process does. Closing it hands over what is in hand. */
export async function startTestWorker(
  worker: string,
  { stores, ports }: { stores: Stores; ports: ReturnType<typeof inMemoryCluster>['ports'] },
): Promise<AsyncDisposable> {
  const { redis, prefix, records, queues } = stores
  const clock = createSystemClock()
  const locks = createLocks(redis, { clock, prefix })
  const hostPorts = { ...ports, locks, journal: createJournal(redis, { prefix }), clock }
  const options = { cluster, prefix, concurrency: 10, onError: () => {} }
  const workers = [
    createDeploymentWorker(redis, {
      ...options,
      process: createCoordinator({ records, queues, ports: { ...ports, clock }, worker }),
    }),
    createHostWorker(redis, { ...options, process: createHostJob({ records, queues, ports: hostPorts, worker }) }),
  ]
  await Promise.all(workers.map((each) => each.ready()))
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((each) => each[Symbol.asyncDispose]()))
      await locks[Symbol.asyncDispose]()
    },
  }
}
