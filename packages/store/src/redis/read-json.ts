import { complaintsOf, fieldName } from '@vesemir/contract'
import { isVesemirError, VesemirError, type ErrorCode } from '@vesemir/core'
import type { z } from 'zod'

/** Hears of data in Redis that are not what they should be, and were passed over. */
export type OnInvalid = (error: VesemirError) => void

const namedFields = 5
const rememberedReports = 1000

/** Makes one that hears of the same only once, of what is read again and again. */
export function reportOnce(onInvalid: OnInvalid): OnInvalid {
  const reported = new Set<string>()
  return (error) => {
    if (reported.has(error.message)) return
    if (reported.size === rememberedReports) reported.clear()
    reported.add(error.message)
    onInvalid(error)
  }
}

/**
 * Reads JSON by its schema: whoever reaches Redis can have written it. `what` says for people what it is.
 * @throws {VesemirError} `RECORD_INVALID` with the names of the wrong fields; their values may be secrets
 */
export function readJson<Schema extends z.ZodType>(schema: Schema, json: string, what: string): z.output<Schema> {
  return readValue(schema, parseJson(json, what), what)
}

/** Reads a value by its schema. @throws {VesemirError} as `readJson` */
export function readValue<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalid(what, `wrong fields: ${describeFields(result.error, value)}`)
}

/** Returns whether an error says that data in Redis are not what Vesemir's processes write. */
export function isUnreliable(error: unknown): error is VesemirError {
  return isVesemirError(error, ...unreliable)
}

/** The codes of errors that no later try makes better: the data have to be replaced. */
export const unreliable: ErrorCode[] = ['RECORD_INVALID', 'ORDER_NOT_SIGNED', 'ORDER_FORGED', 'ORDER_MISDIRECTED']

/** Returns what can be read of many. What is invalid is reported, and holds up none of the others. */
export function readEach<Item, Result>(
  items: readonly Item[],
  { read, onInvalid }: { read: (item: Item) => Result; onInvalid: OnInvalid },
): Result[] {
  return items.flatMap((item) => {
    try {
      return [read(item)]
    } catch (error) {
      if (!isUnreliable(error)) throw error
      onInvalid(error)
      return []
    }
  })
}

/** Names the fields that a schema complains of, without their values. */
export function describeFields(error: z.ZodError, value: unknown): string {
  const names = [...new Set(complaintsOf(error, value).map(({ path }) => fieldName(path) || '(all)'))]
  const others = names.length - namedFields
  return `${names.slice(0, namedFields).join(', ')}${others > 0 ? ` and ${others} more` : ''}`
}

function parseJson(json: string, what: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch {
    throw invalid(what, 'not JSON')
  }
}

function invalid(what: string, why: string): VesemirError {
  return new VesemirError('RECORD_INVALID', `${what} in Redis is invalid: ${why}`)
}
