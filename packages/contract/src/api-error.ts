import type { Problem } from './problem.ts'

/** An answer of the API that is not the one asked for, or none at all: then the code is `API_UNREACHABLE`. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly problem: Problem

  constructor(problem: Problem, options: { cause?: unknown } = {}) {
    super(problem.detail, options.cause === undefined ? {} : { cause: options.cause })
    this.problem = problem
  }

  get code(): string {
    return this.problem.code
  }

  /** Whether the same call may be answered later: the API is away, overloaded, or cannot reach what it needs. */
  get isPassing(): boolean {
    const { status } = this.problem
    return status > 500 || status === 408 || status === 429
  }
}

/** Says that nothing answers at an address, or something that is not Vesemir's API. */
export function unreachable(message: string, cause?: unknown): ApiError {
  return new ApiError(
    { type: 'about:blank', title: 'API not reachable', status: 503, detail: message, code: 'API_UNREACHABLE' },
    { cause },
  )
}

/** Says that the API answers in a form that this client does not know. */
export function answerNotUnderstood(message: string, cause?: unknown): ApiError {
  return new ApiError(
    {
      type: 'about:blank',
      title: 'Answer not understood',
      status: 500,
      detail: message,
      code: 'INTERNAL',
      hint: 'Use a client of the same version as the API.',
    },
    { cause },
  )
}

/** Says what the API would: that a request is not valid. */
export function invalid(message: string): ApiError {
  return new ApiError({
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    detail: message,
    code: 'REQUEST_INVALID',
  })
}
