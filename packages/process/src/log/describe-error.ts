/** What a log says of an error. */
export interface DescribedError {
  name: string
  message: string
  code?: string
  stack?: string
  cause?: DescribedError
  errors?: DescribedError[]
}

/**
 * Returns of an error only what is known to be free of secrets: ioredis and others hang the command that failed, a password
 * among its arguments, on their errors. What was thrown and is no error is told by its kind alone.
 */
export function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error))
    return { name: typeof error, message: typeof error === 'string' ? error : 'not an error' }
  const { name, message, stack, cause } = error
  const { code } = error as NodeJS.ErrnoException
  return {
    name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(stack === undefined ? {} : { stack }),
    ...(cause instanceof Error ? { cause: describeError(cause) } : {}),
    ...(error instanceof AggregateError ? { errors: error.errors.map(describeError) } : {}),
  }
}
