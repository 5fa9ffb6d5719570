import { randomUUID } from 'node:crypto'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import type { Queue } from 'bullmq'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSystemClock } from '@vesemir/process/clock'
import { testSeals } from '../../seal/testing.ts'
import { createQueues } from './create-queues.ts'
import {
  createAnswerer,
  createDeploymentWorker,
  createHostWorker,
  createNoticeWorker,
  type WorkerOptions,
} from './create-worker.ts'
import { bullPrefix, sealContextOfJob } from './jobs.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const clock = createSystemClock()
const seals = testSeals().both

/** What a process with a key would write, and none does. */
function sealed(kind: string, data: object): object {
  const seal = kind === 'questions' ? seals.orders : seals.record
  return { order: seal.put(sealContextOfJob(`${kind}-eu`, 'poison'), JSON.stringify(data)) }
}

const job = { deploymentId: 'd-1', application: 'payments', environment: 'production', version: '1' }

/** The queues of a cluster with a worker for each; what is processed, and what is reported. */
async function startWorkers({ takeOver }: Pick<WorkerOptions<unknown>, 'takeOver'> = {}) {
  const redis = server.connect({ maxRetriesPerRequest: null })
  const prefix = randomUUID()
  const queues = createQueues(redis, { clusters: ['eu'], clock, seals, prefix })
  const processed: unknown[] = []
  const reported: string[] = []
  const process = async (data: unknown) => void processed.push(data)
  const answer = async (data: unknown) => process(data).then(() => ({}) as never)
  const options = {
    cluster: 'eu',
    prefix,
    clock,
    seals,
    concurrency: 2,
    onError: () => {},
    onInvalid: (error: Error) => void reported.push(error.message),
    ...(takeOver && { takeOver }),
  }
  const answers = { plan: answer, hosts: answer, doctor: answer, balancers: answer, recovery: answer }
  const workers = [
    createDeploymentWorker(redis, { ...options, process }),
    createHostWorker(redis, { ...options, process }),
    createNoticeWorker(redis, { ...options, process }),
    createAnswerer(redis, { ...options, answers, onBug: () => {} }),
  ]
  const queueOf = (kind: string) => queues.all.find(({ name }) => name === `${kind}-eu`)!
  return {
    queueOf,
    processed,
    reported,
    keyOf: (queue: Queue, id: string) => `${bullPrefix(redis, { prefix, queueName: queue.name })}:${queue.name}:${id}`,
    redis,
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()))
      await queues[Symbol.asyncDispose]()
    },
  }
}

/** Machines that run tests can be busy. */
const patient = { timeout: 20_000 }

const failedReason = async (queue: Queue, id: string) => (await queue.getJob(id))?.failedReason

it.each([
  ['deployments', {}, 'deploymentId, application, environment, version'],
  ['deployments', null, '(all)'],
  ['deployments', { ...job, deploymentId: 'd-1:events' }, 'deploymentId'],
  ['hosts', sealed('hosts', { ...job, host: '../web-1' }), 'host'],
  ['hosts', sealed('hosts', { ...job, host: 'web-1', successor: 7 }), 'successor'],
  ['hosts', { order: 7 }, 'order'],
  ['notifications', sealed('notifications', { to: 'ops', notice: { event: 'started' } }), 'notice.id, notice.at'],
  ['questions', sealed('questions', { kind: 'plan', asked: { spec: { changeset: { kind: 'no' } } } }), 'asked.spec'],
  ['questions', sealed('questions', { kind: 'constructor', asked: {} }), 'kind'],
])('a job of %s with %j fails alone, and is not tried again', async (kind, data, fields) => {
  await using workers = await startWorkers()
  const queue = workers.queueOf(kind)

  await queue.add('poison', data, { jobId: 'poison', attempts: 1000 })

  await expect
    .poll(() => failedReason(queue, 'poison'), patient)
    .toContain('JOB_INVALID: job poison is invalid: wrong fields: ')
  expect(await failedReason(queue, 'poison')).toContain(fields)
  expect(await queue.getJob('poison')).toMatchObject({ attemptsMade: 1 })
  expect(workers.reported).toEqual([expect.stringContaining(fields)])
  expect(workers.processed).toEqual([])
})

it.each([
  ['data', { data: 'not JSON' }],
  ['opts', { opts: 'not JSON' }],
  ['progress', { progress: 'not JSON' }],
  ['parent', { parent: 'not JSON' }],
  ['rjk', { rjk: 'a:b:c:d:e' }],
])('a job whose %s BullMQ cannot read fails when its lock has run out', async (field, changed) => {
  await using workers = await startWorkers({ takeOver: { lockDuration: 2000, stalledInterval: 500 } })
  const queue = workers.queueOf('deployments')
  await queue.pause()
  await queue.add('poison', job, { jobId: 'poison' })
  await queue.add('good', job, { jobId: 'good' })
  await workers.redis.hset(workers.keyOf(queue, 'poison'), changed)

  await queue.resume()

  await expect
    .poll(() => workers.redis.hget(workers.keyOf(queue, 'poison'), 'failedReason'), patient)
    .toBe(`JOB_INVALID: job poison is invalid: wrong fields: ${field}`)
  await expect.poll(() => queue.getJobState('poison'), patient).toBe('failed')
  await expect.poll(() => queue.getJobState('good'), patient).toBe('completed')
  expect(workers.processed).toEqual([job])
  expect(workers.reported).toHaveLength(1)
})

it('gives up an answer after the longest time, and takes the next question, though who asked still waits', async () => {
  const redis = server.connect({ maxRetriesPerRequest: null })
  const prefix = randomUUID()
  await using queues = createQueues(redis, { clusters: ['eu'], clock, seals, prefix })
  const never = (_: unknown, signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    })
  await using _worker = createAnswerer(redis, {
    cluster: 'eu',
    prefix,
    clock,
    seals,
    concurrency: 1,
    onError: () => {},
    onBug: () => {},
    maxAnswerMs: 1000,
    answers: { plan: never, hosts: never, doctor: never, balancers: never, recovery: never },
  })
  const ask = () => queues.ask('eu', 'doctor', { asked: { specs: [] }, signal: AbortSignal.timeout(20_000) })

  const [first] = await Promise.allSettled([ask()])
  const [second] = await Promise.allSettled([ask()])

  const reason = { code: 'WORKER_TIMED_OUT', message: expect.stringContaining('an answer may take 1 s') as string }
  expect([first, second]).toMatchObject([{ reason }, { reason }])
})

it('tells who asked that an answer is not one', async () => {
  const redis = server.connect({ maxRetriesPerRequest: null })
  const prefix = randomUUID()
  await using queues = createQueues(redis, { clusters: ['eu'], clock, seals, prefix })
  const options = { cluster: 'eu', prefix, clock, seals, concurrency: 1, onError: () => {}, onBug: () => {} }
  const lie = async () => ({ checks: 'all well' }) as never
  await using _worker = createAnswerer(redis, {
    ...options,
    answers: { plan: lie, hosts: lie, doctor: lie, balancers: lie, recovery: lie },
  })

  const asking = queues.ask('eu', 'doctor', { asked: { specs: [] }, signal: AbortSignal.timeout(10_000) })

  await expect(asking).rejects.toMatchObject({ code: 'RECORD_INVALID' })
})
