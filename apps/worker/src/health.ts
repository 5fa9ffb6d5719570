import { lostAfterMs } from '@vesemir/core'
import type { HealthCheck } from '@vesemir/process/monitoring'
import { takeOverOptions } from '@vesemir/store/queue'
import type { WorkerPresence } from './presence.ts'
import type { Workload } from './workload.ts'

interface HealthPorts {
  presence: Pick<WorkerPresence, 'sinceReportMs'>
  workloads: readonly Pick<Workload, 'sinceLostMs'>[]
  longestDelayMs: () => number
}

/** A worker that lost a claim was too slow: its check fails for this long. */
const failingForMs = 30_000

/** Checks what a worker needs to work: its event loop, Redis, and its claims, each of which another worker takes over in time. */
export function checkHealth({ presence, workloads, longestDelayMs }: HealthPorts): Record<string, HealthCheck> {
  const delayMs = longestDelayMs()
  const sinceReportMs = presence.sinceReportMs()
  const sinceLostMs = Math.min(...workloads.map((each) => each.sinceLostMs()))
  return {
    eventLoop: { ok: delayMs < takeOverOptions.lockDuration / 2, detail: `at most ${delayMs} ms late` },
    redis: { ok: sinceReportMs < lostAfterMs, detail: `last written ${sinceReportMs} ms ago` },
    claims:
      sinceLostMs < failingForMs
        ? { ok: false, detail: `one became another worker's ${sinceLostMs} ms ago` }
        : { ok: true, detail: 'none lost' },
  }
}
