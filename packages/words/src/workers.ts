import type { WorkerJob, WorkerState } from '@vesemir/contract'
import { listFew } from './count.ts'
import { toned, type Status } from './text.ts'

/** The states of workers, in a word. */
export const workerStatuses: Readonly<Record<WorkerState, Status>> = {
  working: toned('working', 'good'),
  draining: toned('draining', 'waiting'),
  drained: toned('drained', 'idle'),
  lost: toned('lost', 'bad'),
}

/** Lists what a worker has in progress, by deployment: `d-42 web-1, web-2; d-43`. */
export function describeWorkerJobs(jobs: readonly WorkerJob[]): string {
  return Object.entries(Object.groupBy(jobs, ({ deployment }) => deployment))
    .map(([deployment, of = []]) => [deployment, listFew(of.flatMap(({ host }) => host ?? []))].join(' ').trim())
    .join('; ')
}
