import type { WorkerJob, WorkerReport } from '@vesemir/contract'
import type { DeploymentJob, ProcessJob } from '@vesemir/store/queue'

/** What is in progress in one cluster, and how much of it may be at once. */
export interface Workload {
  /** Returns the processor of a job, which is in progress from its start to its end. */
  track<Job extends TrackedJob>(process: ProcessJob<Job>): ProcessJob<Job>
  load(): WorkerReport['load'][number]
  /** The oldest first. */
  jobs(): WorkerJob[]
}

type TrackedJob = DeploymentJob & { host?: string }

interface WorkloadOptions {
  cluster: string
  maxDeployments: number
  maxHosts: number
  clock: { now: () => number }
}

/** Counts the deployments and hosts that a worker has in progress in a cluster. */
export function createWorkload({ clock, ...limits }: WorkloadOptions): Workload {
  const inProgress = new Set<WorkerJob>()
  return {
    track: (process) => async (job, signal, run) => {
      const tracked = describe(job, clock.now())
      inProgress.add(tracked)
      try {
        await process(job, signal, run)
      } finally {
        inProgress.delete(tracked)
      }
    },
    load() {
      const hosts = [...inProgress].filter(({ host }) => host !== undefined).length
      return { ...limits, hosts, deployments: inProgress.size - hosts }
    },
    jobs: () => [...inProgress],
  }
}

function describe({ deploymentId, application, environment, host }: TrackedJob, nowMs: number): WorkerJob {
  const since = new Date(nowMs).toISOString()
  return { deployment: deploymentId, application, environment, ...(host === undefined ? {} : { host }), since }
}
