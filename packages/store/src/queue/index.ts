export type { QueueDepth } from './bullmq/read-depths.ts'
export { takeOverOptions } from './bullmq/jobs.ts'
export { createQueues, type Queues, type QueuesOptions } from './bullmq/create-queues.ts'
export {
  createDeploymentWorker,
  createHostWorker,
  createNoticeWorker,
  createAnswerer,
  type Answers,
  type JobRun,
  type ProcessJob,
  type QueueWorker,
  type WorkerOptions,
} from './bullmq/create-worker.ts'
export type { DeploymentJob, HostJob, NoticeJob, QuestionKind, Questions } from './bullmq/jobs.ts'
