import { createSystemClock } from '@vesemir/process/clock'
import { createJournal } from '@vesemir/store/journal'
import { createLocks } from '@vesemir/store/lock'
import { createOwners } from '@vesemir/store/owner'
import { createMarks } from '@vesemir/machines/mark'
import type { Recipients } from '@vesemir/machines/notification'
import { createDeploymentWorker, createHostWorker, createNoticeWorker } from '@vesemir/store/queue'
import type { OnBug, Rules } from '@vesemir/core'
import { createLog } from '@vesemir/process/log'
import { createCoordinator } from '../coordinator.ts'
import { createHostJob } from '../host-job.ts'
import { createNoticeJob } from '../notice-job.ts'
import { createNotices } from '../notices.ts'
import type { inMemoryCluster } from './in-memory-cluster.ts'
import { cluster, type Stores } from './open-stores.ts'

/** Takes the jobs of the test's cluster, as the worker's process does. Closing it returns work in progress to the queue. */
export async function startTestWorker(
  worker: string,
  {
    stores,
    ports,
    recipients = new Map(),
    rules = { protections: [] },
    maxOrderAgeMs = Infinity,
    of = cluster,
    concurrency = 10,
    onBug = () => {},
  }: {
    stores: Stores
    ports: ReturnType<typeof inMemoryCluster>['ports']
    recipients?: Recipients
    rules?: Rules
    maxOrderAgeMs?: number
    /** The cluster whose jobs it takes; the tests'. */
    of?: string
    /** Jobs of each kind in progress at once. */
    concurrency?: number
    onBug?: OnBug
  },
): Promise<AsyncDisposable> {
  const { redis, prefix, seals, records, queues } = stores
  const clock = createSystemClock()
  const locks = createLocks(redis, { clock, prefix })
  const hostPorts = {
    ...ports,
    marks: createMarks({ seal: seals.record }),
    epoch: records.epoch,
    locks,
    journal: createJournal(redis, { clock, seals, cluster: of, prefix }),
    owners: createOwners(redis, { prefix, ...records }),
    rules,
    clock,
    onBug,
  }
  const tasks = { check: () => {}, run: async () => {}, call: async () => '' }
  const connections = { for: () => ports.remoteShell, prepare: () => {} }
  const options = { cluster: of, seals, prefix, concurrency, onError: () => {} }
  const log = createLog({ level: 'silent' })
  const notices = createNotices({ ...records, queues, log })
  const workers = [
    createDeploymentWorker(redis, {
      ...options,
      process: createCoordinator({
        ...records,
        queues,
        ports: { ...ports, ...records, remoteShell: connections, tasks, notices, recipients, rules, clock, onBug },
        cluster: of,
        worker,
        maxOrderAgeMs,
      }),
    }),
    createHostWorker(redis, {
      ...options,
      process: createHostJob({ ...records, ports: hostPorts, connections, worker }),
    }),
    createNoticeWorker(redis, { ...options, process: createNoticeJob({ recipients, log }) }),
  ]
  await Promise.all(workers.map((each) => each.ready()))
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((each) => each[Symbol.asyncDispose]()))
      await locks[Symbol.asyncDispose]()
    },
  }
}
