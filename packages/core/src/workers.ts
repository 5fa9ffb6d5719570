import type { WorkerDrain, WorkerReport, WorkerState, WorkerView } from '@vesemir/contract'
import { VesemirError } from './errors.ts'

/** A worker reports itself every 2 s. After this long without a report its jobs are another worker's: see `takeOverOptions`. */
export const lostAfterMs = 10_000

/** What is known of a worker: its last report, and whether a person has it drained. */
export interface KnownWorker {
  report: WorkerReport
  drain?: WorkerDrain | undefined
}

/** Returns a worker as an operator sees it at a time. */
export function viewWorker({ report, drain }: KnownWorker, nowMs: number): WorkerView {
  return { ...report, state: stateOf({ report, drain }, nowMs), ...(drain ? { drain } : {}) }
}

function stateOf({ report, drain }: KnownWorker, nowMs: number): WorkerState {
  if (nowMs - Date.parse(report.seenAt) > lostAfterMs) return 'lost'
  const isIdle = report.load.every(({ deployments, hosts }) => deployments + hosts === 0)
  if (drain || !report.takesJobs) return !report.takesJobs && isIdle ? 'drained' : 'draining'
  return 'working'
}

/** Returns which of these clusters have no worker that takes jobs: their deployments wait. */
export function clustersWithoutWorker(clusters: readonly string[], workers: readonly WorkerView[]): string[] {
  const served = new Set(workers.filter(({ state }) => state === 'working').flatMap(clustersOf))
  return clusters.filter((cluster) => !served.has(cluster))
}

/** Returns the clusters whose jobs a worker takes. */
export function clustersOf({ load }: Pick<WorkerReport, 'load'>): string[] {
  return load.map(({ cluster }) => cluster)
}

/**
 * Refuses to drain a worker whose clusters would be left without one: hosts in progress would stay out of rotation.
 * @throws {VesemirError} `WORKER_NEEDED`
 */
export function refuseDrain(worker: WorkerView, workers: readonly WorkerView[]): void {
  const others = workers.filter(({ name }) => name !== worker.name)
  const [left] = worker.state === 'working' ? clustersWithoutWorker(clustersOf(worker), others) : []
  if (left !== undefined)
    throw new VesemirError('WORKER_NEEDED', `${worker.name} is the only worker of cluster ${left}`)
}
