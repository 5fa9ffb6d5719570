import { VesemirError } from '@vesemir/core'
import type { Job } from 'bullmq'
import type { RedisClient } from '../../redis/redis-client.ts'
import { z } from 'zod'
import { describeFields } from '../../redis/read-json.ts'
import type { Seal } from '../../seal/seal.ts'
import { jobOptions, sealContextOfJob, SealedJob } from './jobs.ts'

/**
 * Reads what a job carries by the schema of its queue: whoever reaches Redis can add a job.
 * @throws {VesemirError} `JOB_INVALID` with the names of the wrong fields
 */
export function readJob<Data>({ id, data }: ReadableJob, schema: z.ZodType<Data>): Data {
  const read = schema.safeParse(data)
  if (read.success) return read.data
  throw invalid(id, `wrong fields: ${describeFields(read.error, data)}`)
}

interface ReadableJob extends Pick<Job<unknown>, 'data' | 'queueName'> {
  id?: string | undefined
}

/**
 * Reads the order of a job that has one, which was signed for this job. Throws as `readJob`, and `ORDER_NOT_SIGNED`, `ORDER_FORGED`.
 */
export function openJob<Data>(job: ReadableJob, { schema, seal }: { schema: z.ZodType<Data>; seal: Seal }): Data {
  const { order = '' } = readJob(job, SealedJob)
  const { text } = seal.open(sealContextOfJob(job.queueName, job.id!), order)
  return readJob({ id: job.id, queueName: job.queueName, data: parsed(text) }, schema)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What BullMQ parses of a job before it gives it to anyone; Vesemir's jobs have no parents and no schedules. */
const Hash = z.object({
  data: json(z.unknown()),
  opts: json(z.looseObject({})),
  progress: json(z.unknown()).nullable(),
  parent: z.null(),
  rjk: z.null(),
})

/**
 * Has a job fail when it is taken next, if BullMQ cannot read it: BullMQ itself takes such a job again and again. Returns why it
 * is to fail.
 */
export async function failUnreadable(
  redis: RedisClient,
  { id, key }: { id: string; key: string },
): Promise<VesemirError | undefined> {
  const names = Object.keys(Hash.shape)
  const values = await redis.hmget(key, ...names)
  const hash = Object.fromEntries(names.map((name, index) => [name, values[index]]))
  const { success, error } = Hash.safeParse(hash)
  if (success) return undefined
  const reason = invalid(id, `wrong fields: ${describeFields(error, hash)}`)
  // `defa` is BullMQ's deferred failure: a job that has one fails with it instead of being processed.
  const defa = `${reason.code}: ${reason.message}`
  await redis
    .multi()
    .hset(key, { data: '{}', opts: JSON.stringify(jobOptions), progress: '0', defa })
    .hdel(key, 'parent', 'parentKey', 'rjk')
    .exec()
  return reason
}

function json(schema: z.ZodType) {
  return z.string().transform((text, context) => {
    try {
      return schema.parse(JSON.parse(text))
    } catch {
      context.addIssue('not JSON')
      return z.NEVER
    }
  })
}

function invalid(id: string | undefined, why: string): VesemirError {
  return new VesemirError('JOB_INVALID', `job ${id} is invalid: ${why}`)
}
