import { setTimeout } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import { signal } from './signals.ts'

/** Longer than the 6 s for which a worker's locks last. */
const pauseMs = 8_000

/** What happens to Vesemir's own processes. */
export const vesemirFaults = {
  'a worker is killed': {
    async strike({ system, random, workers }) {
      const worker = random.pick(workers)
      signal(system, worker, 'SIGKILL')
      const atMs = Date.now()
      await setTimeout(random.between(0, 3_000))
      await system.startWorker(worker)
      return { outage: { workers: [worker], atMs, workerThereAtMs: atMs } }
    },
  },
  'all workers are killed at once': {
    async strike({ system, random, workers }) {
      for (const worker of workers) signal(system, worker, 'SIGKILL')
      const atMs = Date.now()
      await setTimeout(random.between(0, 3_000))
      const there = await Promise.all(workers.map((worker) => system.startWorker(worker).then(() => Date.now())))
      return { outage: { workers, atMs, workerThereAtMs: Math.min(...there) } }
    },
  },
  'a worker stands still for longer than its lock': {
    async strike({ system, random, workers }) {
      const worker = random.pick(workers)
      signal(system, worker, 'SIGSTOP')
      const atMs = Date.now()
      await setTimeout(pauseMs)
      signal(system, worker, 'SIGCONT')
      return { outage: { workers: [worker], atMs, workerThereAtMs: atMs } }
    },
  },
  'all workers stand still for longer than their locks': {
    async strike({ system, workers }) {
      for (const worker of workers) signal(system, worker, 'SIGSTOP')
      const atMs = Date.now()
      await setTimeout(pauseMs)
      for (const worker of workers) signal(system, worker, 'SIGCONT')
      return { outage: { workers, atMs, workerThereAtMs: Date.now() } }
    },
  },
  'the API is killed and started again': {
    async strike({ system }) {
      signal(system, 'api', 'SIGKILL')
      await system.startApi()
      return {}
    },
  },
} satisfies Record<string, Fault>
