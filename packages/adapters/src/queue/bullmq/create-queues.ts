import type { Deployment, DeploymentSpec, PlanPreview } from '@vesemir/contract'
import { VesemirError, type HostJobs } from '@vesemir/core'
import { Queue, type JobsOptions } from 'bullmq'
import type { Redis } from 'ioredis'
import { addJob, isAlive } from './add-job.ts'
import { bullPrefix, hostJobId, jobOptions, planJobOptions, queueNames, toDeploymentJob } from './jobs.ts'
import { requestPlan } from './request-plan.ts'
import type { DeploymentJob, HostJob } from './jobs.ts'

export interface QueuesOptions {
  clusters: readonly string[]
  /** What every key starts with; `vesemir`. */
  prefix?: string
  /** How long a plan may take: a Chef search, and a look at every box; 25,000. */
  planTimeoutMs?: number
  /** Hears of connections that are lost. */
  onError?: (error: Error) => void
}

/** The queues of the clusters, for those who put jobs in. `redis` stays the caller's to close. */
export interface Queues extends AsyncDisposable {
  /** All of them, for the queue dashboard. */
  readonly all: readonly Queue[]
  /** Adds the deployment's job, or finds the one that is there; one that has ended runs again. */
  enqueueDeployment(deployment: Deployment): Promise<void>
  /**
   * Asks a worker of the cluster what a deployment would do, and waits for its answer.
   * @throws {VesemirError} `CLUSTER_UNKNOWN`, `PLAN_TIMED_OUT`, and what the plan failed with
   */
  requestPlan(spec: DeploymentSpec, signal: AbortSignal): Promise<PlanPreview>
  /** Whether the deployment's job waits or runs. */
  hasJob(deployment: Deployment): Promise<boolean>
  /** The jobs of a deployment's hosts. */
  hostJobs(deployment: Deployment): HostJobs
}

/** Opens the queues of these clusters. */
export function createQueues(
  redis: Redis,
  { clusters, prefix = 'vesemir', planTimeoutMs = 25_000, onError = () => {} }: QueuesOptions,
): Queues {
  const open = (name: string, defaultJobOptions: JobsOptions = jobOptions) =>
    new Queue(name, { connection: redis, prefix: bullPrefix(prefix), defaultJobOptions }).on('error', onError)
  const ofCluster = new Map(
    clusters.map((cluster) => [
      cluster,
      {
        deployments: open(queueNames.deployments(cluster)),
        hosts: open(queueNames.hosts(cluster)),
        plans: open(queueNames.plans(cluster), planJobOptions),
      },
    ]),
  )
  const queuesOf = ({ cluster }: DeploymentSpec) => {
    const queues = ofCluster.get(cluster)
    if (queues) return queues
    throw new VesemirError('CLUSTER_UNKNOWN', `cluster ${cluster} is none of ${clusters.join(', ')}`)
  }
  const all = [...ofCluster.values()].flatMap((queues) => Object.values(queues))
  return {
    all,
    async enqueueDeployment(deployment) {
      const data: DeploymentJob = toDeploymentJob(deployment)
      const name = `${data.application} ${data.version} to ${data.environment}`
      await addJob(queuesOf(deployment.spec).deployments, { id: deployment.id, name, data })
    },
    requestPlan: async (spec, signal) => requestPlan(queuesOf(spec).plans, { spec, signal, timeoutMs: planTimeoutMs }),
    hasJob: async (deployment) => isAlive(queuesOf(deployment.spec).deployments, deployment.id),
    hostJobs(deployment) {
      const { hosts } = queuesOf(deployment.spec)
      return {
        async start(deploymentId, host) {
          const data: HostJob = { ...toDeploymentJob(deployment), host }
          const name = `${host}: ${data.application} ${data.version}`
          await addJob(hosts, { id: hostJobId(deploymentId, host), name, data })
        },
        isAlive: (deploymentId, host) => isAlive(hosts, hostJobId(deploymentId, host)),
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(all.map((queue) => queue.close()))
    },
  }
}
