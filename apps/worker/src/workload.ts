import type { WorkerJob, WorkerReport } from '@vesemir/contract'
import { isVesemirError, type Clock } from '@vesemir/core'
import type { DeploymentJob, ProcessJob } from '@vesemir/store/queue'

/** What is in progress in one cluster, and how much of it may be at once. */
export interface Workload {
  readonly cluster: string
  /** Returns the processor of a job, which is in progress from its start to its end. */
  track<Job extends TrackedJob>(process: ProcessJob<Job>): ProcessJob<Job>
  load(): WorkerReport['load'][number]
  /** The oldest first. */
  jobs(): WorkerJob[]
  /** Returns how long ago a job became another worker's, in milliseconds. */
  sinceLostMs(): number
}

type TrackedJob = DeploymentJob & { host?: string }

interface WorkloadOptions {
  cluster: string
  maxDeployments: number
  maxHosts: number
  clock: Pick<Clock, 'now' | 'startStopwatch'>
}

/** Counts the deployments and hosts that a worker has in progress in a cluster. */
export function createWorkload({ clock, ...limits }: WorkloadOptions): Workload {
  const inProgress = new Set<WorkerJob>()
  let sinceLostMs = () => Infinity
  return {
    cluster: limits.cluster,
    track: (process) => async (job, signal, run) => {
      const tracked = describe(job, clock.now())
      inProgress.add(tracked)
      try {
        await process(job, signal, run)
      } catch (error) {
        if (isVesemirError(error, 'FENCE_LOST')) sinceLostMs = clock.startStopwatch()
        throw error
      } finally {
        inProgress.delete(tracked)
      }
    },
    load() {
      const hosts = [...inProgress].filter(({ host }) => host !== undefined).length
      return { ...limits, hosts, deployments: inProgress.size - hosts }
    },
    jobs: () => [...inProgress],
    sinceLostMs: () => sinceLostMs(),
  }
}

function describe({ deploymentId, application, environment, host }: TrackedJob, nowMs: number): WorkerJob {
  const since = new Date(nowMs).toISOString()
  return { deployment: deploymentId, application, environment, ...(host === undefined ? {} : { host }), since }
}
