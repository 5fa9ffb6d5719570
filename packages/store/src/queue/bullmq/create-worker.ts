import { isVesemirError, toFailure, VesemirError, type Clock } from '@vesemir/core'
import { UnrecoverableError, WaitingError, Worker, type BackoffStrategy, type Job } from 'bullmq'
import type { RedisClient } from '../../redis/redis-client.ts'
import { setTimeout } from 'node:timers/promises'
import { isUnreliable, type OnInvalid } from '../../redis/read-json.ts'
import type { Seals } from '../../seal/seals.ts'
import {
  bullPrefix,
  noticeDelayMs,
  queueNames,
  takeOverOptions,
  DeploymentJob,
  HostJob,
  NoticeJob,
  Question,
  type QuestionKind,
  type Questions,
  type Reply,
} from './jobs.ts'
import { failUnreadable, openJob, readJob } from './read-job.ts'
import { watchCaller } from './watch-caller.ts'

/** One run of a job. `number` counts how often the job has come to an end before: a take-over goes on with a run. */
export interface JobRun {
  /** The job's id in its queue. */
  id: string
  number: number
}

/** Where BullMQ keeps a job. */
interface JobLocation {
  key: string
}

export type ProcessJob<Data, Result = void> = (data: Data, signal: AbortSignal, run: JobRun) => Promise<Result>

type Process<Data, Result> = (data: Data, signal: AbortSignal, run: JobRun & JobLocation) => Promise<Result>

export interface WorkerOptions<Data> {
  cluster: string
  seals: Pick<Seals, 'orders' | 'record'>
  /** Jobs in progress at once. */
  concurrency: number
  /** Does the job. The signal is aborted when the job has become another worker's, and when this one closes. */
  process: ProcessJob<Data>
  /** Hears of lost connections and lost jobs. */
  onError: (error: Error) => void
  /** Hears of jobs that no worker can take: each fails by itself, with `JOB_INVALID`. */
  onInvalid?: OnInvalid
  /** What every key starts with; `vesemir`. */
  prefix?: string
  /** How long closing waits for jobs to stop where they are; 5 s. */
  graceMs?: number
  /** How soon a dead worker's jobs go on elsewhere: lock and interval in milliseconds, 6000 and 2000. */
  takeOver?: { lockDuration: number; stalledInterval: number }
}

/** Takes jobs from a queue until it is closed. Jobs in progress then go back to the queue, for another worker at once. */
export interface QueueWorker extends AsyncDisposable {
  /** Settles when jobs are being taken. */
  ready(): Promise<unknown>
}

/** Starts a worker for a cluster's deployment jobs. `redis` needs `maxRetriesPerRequest: null`. */
export function createDeploymentWorker(redis: RedisClient, options: WorkerOptions<DeploymentJob>): QueueWorker {
  // Such a job orders nothing: what there is to be done is in the record.
  const read = (job: Job<unknown>) => readJob(job, DeploymentJob)
  return createWorker(redis, queueNames.deployments(options.cluster), { ...options, read })
}

/** Starts a worker for a cluster's host jobs. `redis` needs `maxRetriesPerRequest: null`. */
export function createHostWorker(redis: RedisClient, options: WorkerOptions<HostJob>): QueueWorker {
  const read = (job: Job<unknown>) => openJob(job, { schema: HostJob, seal: options.seals.record })
  return createWorker(redis, queueNames.hosts(options.cluster), { ...options, read })
}

/**
 * Starts a worker that sends a cluster's notices: one that fails is tried again later, but for `NOTIFICATION_REFUSED`. `redis`
 * needs `maxRetriesPerRequest: null`.
 */
export function createNoticeWorker(redis: RedisClient, options: WorkerOptions<NoticeJob>): QueueWorker {
  const process: ProcessJob<NoticeJob> = async (job, signal, run) => {
    try {
      await options.process(job, signal, run)
    } catch (error) {
      throw isVesemirError(error, 'NOTIFICATION_REFUSED') ? new UnrecoverableError(error.message) : error
    }
  }
  const queueName = queueNames.notifications(options.cluster)
  const read = (job: Job<unknown>) => openJob(job, { schema: NoticeJob, seal: options.seals.record })
  return createWorker(redis, queueName, { ...options, process, read, backoffStrategy })
}

const backoffStrategy: BackoffStrategy = (attemptsMade, _type, error, job) => {
  const { backoff } = job?.opts ?? {}
  const firstMs = typeof backoff === 'object' ? (backoff.delay ?? 0) : 0
  return noticeDelayMs(attemptsMade, { firstMs, error, random: Math.random() })
}

/** What answers each kind of question. */
export type Answers = {
  [Kind in QuestionKind]: (asked: Questions[Kind]['asked'], signal: AbortSignal) => Promise<Questions[Kind]['answer']>
}

interface AnswererOptions extends Omit<WorkerOptions<Question>, 'process'> {
  answers: Answers
  /** Hears of an error that no code has foreseen: whoever asked is sent its message alone. */
  onBug: (error: unknown, at: { question: QuestionKind }) => void
  /** How long an answer may take; 30,000. Nobody waits for longer: a question that is older is not answered. */
  maxAnswerMs?: number
  clock: Pick<Clock, 'now'>
}

/**
 * Starts a worker that answers questions, each for as long as its caller waits. Whatever an answer fails with is sent back. `redis` needs
 * `maxRetriesPerRequest: null`.
 */
export function createAnswerer(
  redis: RedisClient,
  { answers, onBug, maxAnswerMs = 30_000, clock, ...options }: AnswererOptions,
): QueueWorker {
  const process: Process<Question, Reply> = async ({ kind, asked, askedAt }, signal, { key }) => {
    if (clock.now() - Date.parse(askedAt) > maxAnswerMs)
      throw new VesemirError('ORDER_EXPIRED', `a question (${kind}) of ${askedAt} is asked again`)
    await using caller = watchCaller(redis, { key, timeoutMs: maxAnswerMs })
    try {
      const find = answers[kind] as (asked: Question['asked'], signal: AbortSignal) => Promise<Answer>
      return { answer: await find(asked, AbortSignal.any([signal, caller.signal])) }
    } catch (error) {
      signal.throwIfAborted()
      if (caller.signal.aborted) return { failure: toFailure(caller.signal.reason) }
      if (!isVesemirError(error)) onBug(error, { question: kind })
      return { failure: toFailure(error) }
    }
  }
  const read = (job: Job<unknown>) => openJob(job, { schema: Question, seal: options.seals.orders })
  return createWorker(redis, queueNames.questions(options.cluster), { ...options, read, process })
}

type Answer = Questions[QuestionKind]['answer']

function createWorker<Data, Result>(
  redis: RedisClient,
  queueName: string,
  options: Omit<WorkerOptions<Data>, 'process'> & {
    read: (job: Job<unknown>) => Data
    process: Process<Data, Result>
    backoffStrategy?: BackoffStrategy
  },
): QueueWorker {
  const { concurrency, read, process, onError, onInvalid = () => {}, prefix = 'vesemir' } = options
  const { graceMs = 5000, takeOver, backoffStrategy } = options
  const running = new Map<string, AbortController>()
  const closing = new AbortController()

  const run = async (job: Job<unknown>, token: string | undefined): Promise<Result> => {
    const controller = new AbortController()
    // The same job can come back here before its first run has noticed that it was lost.
    running.get(job.id!)?.abort(jobLost(job.id!))
    running.set(job.id!, controller)
    // A job says itself how often it is tried, and a stranger can have added it.
    if (!backoffStrategy) job.opts.attempts = 1
    try {
      closing.signal.throwIfAborted()
      const signal = AbortSignal.any([controller.signal, closing.signal])
      return await process(read(job), signal, { id: job.id!, number: job.attemptsMade, key: worker.toKey(job.id!) })
    } catch (error) {
      if (isLasting(error)) onInvalid(error)
      if (!closing.signal.aborted)
        throw isLasting(error) ? new UnrecoverableError(`${error.code}: ${error.message}`) : error
      await job.moveToWait(token)
      throw new WaitingError()
    } finally {
      if (running.get(job.id!) === controller) running.delete(job.id!)
    }
  }
  const worker: Worker<unknown, Result> = new Worker<unknown, Result>(queueName, run, {
    connection: redis,
    prefix: bullPrefix(redis, { prefix, queueName }),
    concurrency,
    ...takeOverOptions,
    ...takeOver,
    ...(backoffStrategy ? { settings: { backoffStrategy } } : {}),
  })
  worker.on('error', onError)
  worker.on('stalled', (id) => {
    failUnreadable(redis, { id, key: worker.toKey(id) }).then((reason) => reason && onInvalid(reason), onError)
  })
  // BullMQ itself lets the processor run on, unaware.
  worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => running.get(id)?.abort(jobLost(id))))
  return {
    ready: () => worker.waitUntilReady(),
    async [Symbol.asyncDispose]() {
      const closed = worker.close()
      closing.abort(new Error('this worker is closing'))
      if (await endsWithin(closed, graceMs)) return
      // What does not stop keeps its lock until the process ends; then another worker takes it over.
      await worker.getBackend().disconnectBlocking(false)
    },
  }
}

/** Whether no later try makes it better. */
function isLasting(error: unknown): error is VesemirError {
  return isVesemirError(error, 'JOB_INVALID', 'ORDER_EXPIRED') || isUnreliable(error)
}

async function endsWithin(ending: Promise<void>, ms: number): Promise<boolean> {
  const waiting = new AbortController()
  const timeout = setTimeout(ms, false, { signal: waiting.signal }).catch(() => false)
  try {
    return await Promise.race([ending.then(() => true), timeout])
  } finally {
    waiting.abort()
  }
}

function jobLost(id: string): VesemirError {
  return new VesemirError('FENCE_LOST', `job ${id} was not renewed in time; another worker continues it`)
}
