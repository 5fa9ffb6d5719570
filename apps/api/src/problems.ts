import { STATUS_CODES } from 'node:http'
import type { Problem } from '@vesemir/contract'
import { errorTable, isVesemirError, VesemirError } from '@vesemir/core'
import { isOddData, refusalOf } from '@vesemir/store/redis'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

export const problemType = 'application/problem+json'

/** Answers whether Redis answers. */
export type RedisProbe = () => Promise<boolean>

/**
 * Makes the one error handler. An error that nobody foresaw is Redis's when Redis does not answer: its client marks its
 * errors by nothing but their wording.
 */
export function createErrorHandler(isRedisReachable: RedisProbe) {
  return async (error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const known = await toKnownError(error, isRedisReachable)
    const problem = toProblem(known, request.id)
    if (problem.status >= 500 || isOddData((known as Error).cause)) request.log.error({ err: known }, 'request failed')
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="vesemir"')
    const retryAfterSeconds = retryAfterOf(known, problem)
    if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds)
    // As bytes: Fastify would add to text a charset, which this type does not have.
    return reply
      .status(problem.status)
      .type(problemType)
      .send(Buffer.from(JSON.stringify(problem)))
  }
}

function retryAfterOf(error: unknown, { status }: Problem): number | undefined {
  if (status === 503) return 1
  return isVesemirError(error) ? (error.details as { retryAfterSeconds?: number }).retryAfterSeconds : undefined
}

/** Tells what an error of the handlers is. */
export async function toKnownError(error: unknown, isRedisReachable: RedisProbe): Promise<unknown> {
  if (isOddData(error)) {
    const message = 'a key in Redis does not hold what Vesemir writes there; the log of the API says more'
    return new VesemirError('RECORD_INVALID', message, { cause: error })
  }
  const refused = refusalOf(error)
  if (refused) return refused
  if (isVesemirError(error) || isRefusal(error) || (await isRedisReachable())) return error
  return new VesemirError('REDIS_UNREACHABLE', 'the API cannot reach Redis', { cause: error })
}

/**
 * Writes an error as a problem document. A `VesemirError` is written for people, whether it is the API's or a worker's answer;
 * the text of any other error is for the API's log alone.
 */
export function toProblem(error: unknown, requestId: string): Problem {
  return { ...describeProblem(error, requestId), request: requestId }
}

function describeProblem(error: unknown, requestId: string): Problem {
  if (isRefusal(error)) return refusal(error.statusCode, error.message)
  if (!isVesemirError(error)) {
    const detail = `internal error in the API; see its log for request ${requestId}`
    return describe('INTERNAL', { status: errorTable.INTERNAL.status, detail })
  }
  const { errors } = error.details as Pick<Problem, 'errors'>
  const problem = describe(error.code, { status: errorTable[error.code].status, detail: error.message })
  return { ...problem, ...(errors ? { errors } : {}) }
}

/** Returns the problem document for a request that cannot be parsed. */
export function refusal(status: number, detail: string): Problem {
  return describe('REQUEST_INVALID', { status, detail })
}

function describe(code: keyof typeof errorTable, { status, detail }: { status: number; detail: string }): Problem {
  // RFC 9457, 4.2.1: about:blank says that the title is the status' own; the code tells the kind of problem.
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    hint: errorTable[code].hint,
  }
}

/** An error of Fastify's own about the request: a body that is no JSON, too large, or of another type. */
export function isRefusal(error: unknown): error is FastifyError & { statusCode: number } {
  if (!(error instanceof Error) || isVesemirError(error)) return false
  const { statusCode } = error as FastifyError
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500
}
