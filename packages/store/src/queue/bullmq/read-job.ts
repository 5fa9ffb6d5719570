import { VesemirError } from '@vesemir/core'
import type { Job } from 'bullmq'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import { describeFields } from '../../redis/read-json.ts'
import { jobOptions, Woken } from './jobs.ts'

/**
 * Reads what a job carries by the schema of its queue: whoever reaches Redis can add a job.
 * @throws {VesemirError} `JOB_INVALID` with the names of the wrong fields
 */
export function readJob<Data>(
  { id, data }: Pick<Job<unknown>, 'id' | 'data'>,
  schema: z.ZodType<Data>,
): { data: Data; wokenFor: number | undefined } {
  const read = schema.safeParse(data)
  if (!read.success) throw invalid(id, `wrong fields: ${describeFields(read.error, data)}`)
  const woken = Woken.safeParse(data)
  if (!woken.success) throw invalid(id, 'wrong fields: wokenFor')
  return { data: read.data, wokenFor: woken.data.wokenFor }
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
  redis: Redis,
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
