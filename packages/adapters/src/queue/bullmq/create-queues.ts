import type { Deployment } from '@vesemir/contract'
import { VesemirError, type HostJobs } from '@vesemir/core'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { addJob, isAlive } from './add-job.ts'
import { bullPrefix, hostJobId, jobOptions, queueNames, toDeploymentJob } from './jobs.ts'
import type { DeploymentJob, HostJob } from './jobs.ts'

export interface QueuesOptions {
  clusters: readonly string[]
  /** What every key starts with; `vesemir`. */
  prefix?: string
  /** Hears of connections that are lost. */
  onError?: (error: Error) => void
}

/** The queues of the clusters, for those who put jobs in. `redis` stays the caller's to close. */
export interface Queues extends AsyncDisposable {
  /** All of them, for the queue dashboard. */
  readonly all: readonly Queue[]
  /** Adds the deployment's job, or finds the one that is there; one that has ended runs again. */
  enqueueDeployment(deployment: Deployment): Promise<void>
  /** Whether the deployment's job waits or runs. */
  hasJob(deployment: Deployment): Promise<boolean>
  /** The jobs of a deployment's hosts. */
  hostJobs(deployment: Deployment): HostJobs
}

/** Opens the queues of these clusters. */
export function createQueues(
  redis: Redis,
  { clusters, prefix = 'vesemir', onError = () => {} }: QueuesOptions,
): Queues {
  const open = (name: string) =>
    new Queue(name, { connection: redis, prefix: bullPrefix(prefix), defaultJobOptions: jobOptions }).on(
      'error',
      onError,
    )
  const ofCluster = new Map(
    clusters.map((cluster) => [
      cluster,
      { deployments: open(queueNames.deployments(cluster)), hosts: open(queueNames.hosts(cluster)) },
    ]),
  )
  const queuesOf = ({ spec }: Deployment) => {
    const queues = ofCluster.get(spec.cluster)
    if (queues) return queues
    throw new VesemirError('CLUSTER_UNKNOWN', `cluster ${spec.cluster} is none of ${clusters.join(', ')}`)
  }
  const all = [...ofCluster.values()].flatMap(({ deployments, hosts }) => [deployments, hosts])
  return {
    all,
    async enqueueDeployment(deployment) {
      const data: DeploymentJob = toDeploymentJob(deployment)
      const name = `${data.application} ${data.version} to ${data.environment}`
      await addJob(queuesOf(deployment).deployments, { id: deployment.id, name, data })
    },
    hasJob: async (deployment) => isAlive(queuesOf(deployment).deployments, deployment.id),
    hostJobs(deployment) {
      const { hosts } = queuesOf(deployment)
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
