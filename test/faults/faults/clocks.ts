import { createProcessClock } from '@vesemir/testing/process-clock'
import type { System } from '../../support/start-system.ts'
import { workers } from '../start-bench.ts'
import type { Fault } from './fault.ts'

/** Seconds: a machine that is a little off, a step of NTP's, an hour that a person got wrong. */
const offsets = [-5, 5, -120, 120, 3_600]

/** What happens to the time of day of workers. */
export const clockFaults = {
  'the clock of a worker jumps': {
    prepare: giveClocks,
    async strike({ system, random }) {
      await setClock(system, random.pick(workers), random.pick(offsets))
      return {}
    },
  },
  'a worker is replaced by one with another clock': {
    prepare: giveClocks,
    async strike({ system, random }) {
      const worker = random.pick(workers)
      await system.stop(worker)
      const { env } = await setClock(system, worker, random.pick(offsets))
      await system.startWorker(worker, env)
      return {}
    },
  },
} satisfies Record<string, Fault>

/** Starts the workers again, each with a clock of its own that is right; and as they were when all is over. */
async function giveClocks(system: System): Promise<() => Promise<void>> {
  await restartWorkers(system, async (worker) => (await setClock(system, worker, 0)).env)
  return () => restartWorkers(system, async () => undefined)
}

async function restartWorkers(
  system: System,
  envOf: (worker: string) => Promise<Readonly<Record<string, string>> | undefined>,
): Promise<void> {
  await Promise.all(
    workers.map(async (worker) => {
      await system.stop(worker)
      await system.startWorker(worker, await envOf(worker))
    }),
  )
}

/** A worker that runs with the clock sees the new time at once. */
function setClock({ fleet }: System, worker: string, aheadSeconds: number) {
  return createProcessClock(fleet.dir, { name: `${worker}.clock`, aheadSeconds })
}
