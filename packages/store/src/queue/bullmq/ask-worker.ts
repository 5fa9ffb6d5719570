import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { errorTable, VesemirError, type Clock, type ErrorCode } from '@vesemir/core'
import { Job, type Queue } from 'bullmq'
import { readValue } from '../../redis/read-json.ts'
import type { Seal } from '../../seal/seal.ts'
import { callerGone } from './watch-caller.ts'
import { sealContextOfJob, replyTo, type QuestionKind, type Questions, type Reply } from './jobs.ts'

const checkIntervalMs = 100

export interface Asking<Kind extends QuestionKind> {
  cluster: string
  kind: Kind
  asked: Questions[Kind]['asked']
  signal: AbortSignal
  sign: Pick<Seal, 'put'>
  clock: Pick<Clock, 'now'>
  /** How long the answer may take, a queue before it included. */
  timeoutMs: number
}

/** Puts a question in the queue and waits for its answer. One that nobody waits for any more is taken out again. */
export async function askWorker<Kind extends QuestionKind>(
  queue: Queue,
  asking: Asking<Kind>,
): Promise<Questions[Kind]['answer']> {
  const { kind, asked, sign, clock } = asking
  const jobId = randomUUID()
  const question = { kind, asked, askedAt: new Date(clock.now()).toISOString() }
  const order = sign.put(sealContextOfJob(queue.name, jobId), JSON.stringify(question))
  const job = await queue.add(kind, { kind, order }, { jobId })
  try {
    return await awaitAnswer(queue, job.id!, asking)
  } catch (error) {
    // One that a worker has taken cannot be taken out: the worker is told, and its answer is dropped.
    await job.remove().catch(async () => job.updateProgress(callerGone).catch(() => {}))
    throw error
  }
}

async function awaitAnswer<Kind extends QuestionKind>(
  queue: Queue,
  id: string,
  { cluster, kind, signal, timeoutMs }: Asking<Kind>,
): Promise<Questions[Kind]['answer']> {
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += checkIntervalMs) {
    const job = await Job.fromId<unknown, unknown>(queue, id)
    if (job?.returnvalue)
      return read(readValue(replyTo(kind), job.returnvalue, `the answer of a worker (${kind})`), { cluster, kind })
    if (!job || job.failedReason)
      throw new VesemirError(
        'INTERNAL',
        `the request to a worker ended without an answer: ${job?.failedReason ?? 'its job was deleted'}`,
      )
    await setTimeout(checkIntervalMs, undefined, { signal })
  }
  const message = `no worker of cluster ${cluster} answered within ${timeoutMs / 1000} s (${kind})`
  throw new VesemirError('WORKER_TIMED_OUT', message)
}

function read<Kind extends QuestionKind>(
  reply: Reply<Kind>,
  { cluster, kind }: Pick<Asking<Kind>, 'cluster' | 'kind'>,
): Questions[Kind]['answer'] {
  if ('answer' in reply) return reply.answer
  const { code, message, hint } = reply.failure
  if (isKnown(code)) throw new VesemirError(code, message)
  const failed = `a worker of cluster ${cluster} failed to answer (${kind})`
  // A worker of another version may know codes that this process does not.
  const why = code === 'INTERNAL' ? message : `${code}, ${message}${hint ? `. ${hint}` : ''}`
  throw new VesemirError('INTERNAL', `${failed}: ${why}`)
}

function isKnown(code: string): code is ErrorCode {
  return code !== 'INTERNAL' && Object.hasOwn(errorTable, code)
}
