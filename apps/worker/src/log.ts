import { pino, type Logger } from 'pino'

/**
 * Writes one JSON object a line to stdout. Of an error it takes only what is known to be free of secrets: ioredis and others
 * hang the command that failed, a password among its arguments, on their errors.
 */
export function createLog(): Logger {
  return pino({
    base: null,
    formatters: { level: (level) => ({ level }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError },
  })
}

interface ErrorFields {
  name: string
  message: string
  code?: string
  stack?: string
  cause?: ErrorFields
}

function describeError(error: unknown): ErrorFields {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) }
  const { name, message, stack, cause } = error
  const { code } = error as NodeJS.ErrnoException
  return {
    name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(stack === undefined ? {} : { stack }),
    ...(cause instanceof Error ? { cause: describeError(cause) } : {}),
  }
}
