import type { Deployment, DeploymentView, QueueHold } from '@vesemir/contract'
import { VesemirError, type Clock, type HostJobs } from '@vesemir/core'
import type { Tracing } from '@vesemir/process/tracing'
import { Queue, type JobsOptions } from 'bullmq'
import type { RedisClient } from '../../redis/redis-client.ts'
import type { Seals } from '../../seal/seals.ts'
import { addJob, isAlive } from './add-job.ts'
import { askWorker } from './ask-worker.ts'
import { findHolds } from './find-holds.ts'
import { readDepths, type QueueDepth } from './read-depths.ts'
import {
  bullPrefix,
  hostJobId,
  jobOptions,
  noticeJobId,
  noticeOptions,
  sealContextOfJob,
  questionOptions,
  queueNames,
  toDeploymentJob,
} from './jobs.ts'
import type { DeploymentJob, HostJob, NoticeJob, QuestionKind, Questions } from './jobs.ts'

export interface QueuesOptions {
  clusters: readonly string[]
  clock: Pick<Clock, 'now'>
  seals: Pick<Seals, 'orders' | 'record'>
  /** What every key starts with; `vesemir`. */
  prefix?: string
  /** How long an answer may take: a plan is a Chef search, and a look at every box; 25,000. */
  answerTimeoutMs?: number
  /** How soon a notice that could not be sent is tried again; then after twice as long, and so on; 5000. */
  retryNoticesMs?: number
  /** Knows what is being done: jobs of hosts are part of that. */
  tracing?: Pick<Tracing, 'traceparent'> | undefined
  /** Hears of connections that are lost. */
  onError?: (error: Error) => void
}

/** The queues of the clusters, for those who put jobs in. `redis` stays the caller's to close. */
export interface Queues extends AsyncDisposable {
  /** All of them, for the queue dashboard. */
  readonly all: readonly Queue[]
  /** Adds the deployment's job, or finds the one that is there; one that has ended runs again. */
  enqueueDeployment(deployment: Deployment): Promise<void>
  /** The same for a deployment that was recorded just now: its job cannot have ended, which need not be asked. */
  enqueueNew(deployment: Deployment): Promise<void>
  /**
   * Asks a worker of the cluster, and waits for its answer.
   * @throws {VesemirError} `CLUSTER_UNKNOWN`, `WORKER_TIMED_OUT`, and what the worker ran into
   */
  ask<Kind extends QuestionKind>(
    cluster: string,
    kind: Kind,
    question: { asked: Questions[Kind]['asked']; signal: AbortSignal },
  ): Promise<Questions[Kind]['answer']>
  /** Finds why jobs of deployments and hosts wait in these clusters although workers are there: paused or limited queues. */
  findHolds(clusters: readonly string[]): Promise<QueueHold[]>
  /** Whether the deployment's job waits or runs. */
  hasJob(deployment: Deployment): Promise<boolean>
  /** Counts the jobs of every queue, and reads how long the oldest that waits has waited. */
  readDepths(): Promise<QueueDepth[]>
  /** Removes the jobs of an ended deployment and of its hosts; one that runs stays. */
  removeJobs(view: Pick<DeploymentView, 'deployment' | 'hosts'>): Promise<void>
  /** Has a notice sent by a worker of the deployment's cluster. One that is there, or was sent lately, is not added again. */
  enqueueNotice(job: NoticeJob): Promise<void>
  /** The jobs of a deployment's hosts. */
  hostJobs(deployment: Deployment): HostJobs
}

/** Opens the queues of these clusters. */
export function createQueues(redis: RedisClient, options: QueuesOptions): Queues {
  const { clusters, clock, seals, prefix = 'vesemir', onError = () => {} } = options
  const { answerTimeoutMs = 25_000, retryNoticesMs = 5000 } = options
  const open = (name: string, defaultJobOptions: JobsOptions = jobOptions) =>
    // The check would need INFO, which Redis may forbid to this user; workers are the ones to check.
    new Queue(name, {
      connection: redis,
      prefix: bullPrefix(redis, { prefix, queueName: name }),
      defaultJobOptions,
      skipVersionCheck: true,
    }).on('error', onError)
  const openAll = (cluster: string) => ({
    deployments: open(queueNames.deployments(cluster)),
    hosts: open(queueNames.hosts(cluster)),
    questions: open(queueNames.questions(cluster), questionOptions),
    notifications: open(queueNames.notifications(cluster), noticeOptions(retryNoticesMs)),
  })
  const ofCluster = new Map(clusters.map((cluster) => [cluster, openAll(cluster)]))
  const queuesOf = (cluster: string) => {
    const queues = ofCluster.get(cluster)
    if (queues) return queues
    throw new VesemirError('CLUSTER_UNKNOWN', `cluster ${cluster} is not one of ${clusters.join(', ')}`)
  }
  const all = [...ofCluster.values()].flatMap((queues) => Object.values(queues))
  return {
    all,
    async enqueueDeployment(deployment) {
      await addJob(queuesOf(deployment.spec.cluster).deployments, deploymentJobOf(deployment))
    },
    async enqueueNew(deployment) {
      const { id: jobId, name, data } = deploymentJobOf(deployment)
      await queuesOf(deployment.spec.cluster).deployments.add(name, data, { jobId })
    },
    ask: async (cluster, kind, question) =>
      askWorker(queuesOf(cluster).questions, {
        cluster,
        kind,
        ...question,
        sign: seals.orders,
        clock,
        timeoutMs: answerTimeoutMs,
      }),
    findHolds: (wanted) => findHolds(wanted.map((cluster) => ({ cluster, ...queuesOf(cluster) }))),
    hasJob: async (deployment) => isAlive(queuesOf(deployment.spec.cluster).deployments, deployment.id),
    readDepths: () => readDepths(ofCluster, clock),
    async removeJobs({ deployment: { id, spec }, hosts: records }) {
      const { deployments, hosts } = queuesOf(spec.cluster)
      await Promise.all(records.map(({ target }) => hosts.remove(hostJobId(id, target.name))))
      await deployments.remove(id)
    },
    enqueueNotice: async (job) => addNotice(queuesOf(job.notice.deployment.cluster).notifications, job, seals),
    hostJobs: (deployment) => hostJobsOf(deployment, { ...options, hosts: queuesOf(deployment.spec.cluster).hosts }),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(all.map((queue) => queue.close()))
    },
  }
}

async function addNotice(queue: Queue, job: NoticeJob, { record }: Pick<Seals, 'record'>): Promise<void> {
  const { to, notice } = job
  const { id: deploymentId, application, version, environment } = notice.deployment
  const jobId = noticeJobId(job)
  const order = record.put(sealContextOfJob(queue.name, jobId), JSON.stringify(job))
  const name = `${to}: ${application} ${version} to ${environment} ${notice.event}`
  await queue.add(name, { deploymentId, to, order }, { jobId })
}

function deploymentJobOf(deployment: Deployment): { id: string; name: string; data: DeploymentJob } {
  const data = toDeploymentJob(deployment)
  return { id: deployment.id, name: `${data.application} ${data.version} to ${data.environment}`, data }
}

function hostJobsOf(
  deployment: Deployment,
  { hosts, seals, tracing }: Pick<QueuesOptions, 'seals' | 'tracing'> & { hosts: Queue },
): HostJobs {
  return {
    async start(deploymentId, walk) {
      const { host } = walk
      const id = hostJobId(deploymentId, host)
      const shown = { ...toDeploymentJob(deployment), host }
      const traceparent = tracing?.traceparent()
      const job: HostJob = { ...shown, ...walk, ...(traceparent === undefined ? {} : { traceparent }) }
      const order = seals.record.put(sealContextOfJob(hosts.name, id), JSON.stringify(job))
      await addJob(hosts, { id, name: `${host}: ${shown.application} ${shown.version}`, data: { ...shown, order } })
    },
    isAlive: (deploymentId, host) => isAlive(hosts, hostJobId(deploymentId, host)),
  }
}
