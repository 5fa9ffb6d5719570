export { createQueues, type Queues, type QueuesOptions } from './bullmq/create-queues.ts'
export {
  createDeploymentWorker,
  createHostWorker,
  createPlanWorker,
  type ProcessJob,
  type QueueWorker,
  type WorkerOptions,
} from './bullmq/create-worker.ts'
export type { DeploymentJob, HostJob } from './bullmq/jobs.ts'
