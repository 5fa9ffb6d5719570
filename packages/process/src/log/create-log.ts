import { destination, pino, type DestinationStream, type Logger } from 'pino'
import type { Masker } from '../masking/index.ts'
import { describeError } from './describe-error.ts'

export type Log = Logger

export interface LogOptions {
  /** The least severe kind of line that is logged; `info`. */
  level?: string
  /** What each line says of the process. */
  fields?: Readonly<Record<string, string>>
  /** Returns what each line says of what is being done just then. */
  context?: (() => object) | undefined
  /** Takes secrets out of each line. */
  masker?: Masker
  /** Where lines go; stdout. */
  stream?: DestinationStream
}

/**
 * Lines are written together, at most so much later; what is left, when the process ends by itself. A system call for each line would be an
 * eighth of a busy API, and a twenty-fifth of a busy worker.
 */
const flushIntervalMs = 100
const bytesAtOnce = 8 * 1024

/** Makes the log of a process: one JSON object a line, with the level as a word, the time in ISO 8601, and no error as it is. */
export function createLog({ level = 'info', fields, context, masker, stream }: LogOptions = {}): Log {
  return pino(
    {
      base: fields ?? null,
      level,
      ...(context ? { mixin: context } : {}),
      hooks: masker ? { streamWrite: (line) => maskLine(line, masker) } : {},
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (line) => withoutErrors(line) as typeof line },
      // Of what is bound to a child, which no formatter sees.
      serializers: { err: (error: unknown) => (error instanceof Error ? describeError(error) : error) },
    },
    stream ?? destination({ sync: false, minLength: bytesAtOnce, periodicFlush: flushIntervalMs }),
  )
}

/** Masked as text, a line could cease to be JSON. */
function maskLine(line: string, { mask, maskAll }: Masker): string {
  return mask(line) === line ? line : `${JSON.stringify(maskAll(JSON.parse(line)))}\n`
}

/** What is logged is flat; this is for what someone hangs on it. */
const deepest = 4

/** Puts descriptions in the places of errors, at whatever key: JSON would write all that hangs on them. */
function withoutErrors(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return describeError(value)
  if (depth === deepest) return '…'
  if (Array.isArray(value)) return value.map((item) => withoutErrors(item, depth + 1))
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutErrors(item, depth + 1)]))
}
