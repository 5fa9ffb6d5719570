import type { WorkerReport } from '@vesemir/contract'
import type { Clock } from '@vesemir/core'
import type { Log } from '@vesemir/process/log'
import { softwareVersion } from '@vesemir/process/version'
import { repeat } from '@vesemir/process/waiting'
import type { Presence } from '@vesemir/store/presence'
import type { JobTakers } from './job-takers.ts'
import type { Workload } from './workload.ts'

interface PresenceOptions {
  presence: Pick<Presence, 'report' | 'leave'>
  /** The worker's name. */
  worker: string
  workloads: readonly Workload[]
  takers: Pick<JobTakers, 'takesJobs' | 'set'>
  clock: Clock
  log: Log
  /** From one report to the next; 2 s. */
  intervalMs?: number
}

/** The reports of a worker on itself. */
export interface WorkerPresence extends AsyncDisposable {
  /** Returns how long ago the last report was written, in milliseconds. */
  sinceReportMs(): number
}

/** A report is written every 2 s, and read by whoever lists the workers. */
const mostJobs = 200

/**
 * Reports the worker every 2 s, and drains it while a person wants that. Closing it removes the report.
 */
export function startPresence(options: PresenceOptions): WorkerPresence {
  const { presence, worker, workloads, takers, clock, log, intervalMs = 2000 } = options
  const startedAt = new Date(clock.now()).toISOString()
  let sinceReportMs = clock.startStopwatch()
  const report = async () => {
    const drain = await presence.report(describe({ worker, startedAt, workloads, takers }))
    sinceReportMs = clock.startStopwatch()
    if (takers.takesJobs === !drain) return
    log.info(drain ?? {}, drain ? 'draining; work in progress returns to the queue' : 'resuming; taking jobs again')
    takers.set(!drain).catch((err: unknown) => log.error({ err }, 'failed to change whether jobs are taken'))
  }
  const repeating = repeat(report, {
    clock,
    intervalMs,
    onError: (err) => log.error({ err }, 'failed to report this worker'),
  })
  return {
    sinceReportMs: () => sinceReportMs(),
    async [Symbol.asyncDispose]() {
      await repeating[Symbol.asyncDispose]()
      await presence
        .leave(worker)
        .catch((err: unknown) => log.warn({ err }, 'failed to remove the report of this worker'))
    },
  }
}

function describe({
  worker,
  startedAt,
  workloads,
  takers,
}: Pick<PresenceOptions, 'worker' | 'workloads' | 'takers'> & { startedAt: string }): Omit<WorkerReport, 'seenAt'> {
  const jobs = workloads.flatMap((each) => each.jobs()).toSorted((one, other) => (one.since < other.since ? -1 : 1))
  return {
    name: worker,
    version: softwareVersion,
    startedAt,
    takesJobs: takers.takesJobs,
    load: workloads.map((each) => each.load()),
    jobs: jobs.slice(0, mostJobs),
  }
}
