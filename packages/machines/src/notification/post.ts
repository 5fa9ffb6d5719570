import { VesemirError, type Clock, type ErrorCode } from '@vesemir/core'
import type { Fetch } from '../http/create-fetch.ts'
import { readRetryAfterMs } from '../http/retry-after.ts'

const defaultTimeoutMs = 10_000

/** How recipients are reached. */
export interface Sending {
  /** What the settings call the recipient. Errors name it by this alone: its address may be a secret. */
  name: string
  fetch: Fetch
  timeoutMs?: number | undefined
  clock: Pick<Clock, 'now'>
  signal: AbortSignal
}

export interface Post extends Sending {
  /** JSON. */
  body: string
  headers?: Readonly<Record<string, string>>
}

interface Request extends Sending {
  method: string
  body?: string | undefined
  headers?: Readonly<Record<string, string>> | undefined
  /** What errors say of the request, where its address is no secret. */
  about?: string
}

/**
 * Posts to an address once.
 * @throws {VesemirError} as `request`
 */
export async function post(url: string, { body, ...rest }: Post): Promise<void> {
  const response = await request(url, { ...rest, method: 'POST', body })
  await response.body?.cancel()
}

/**
 * Sends a request once, and returns a good answer. Redirects are not followed: what is sent is meant for that address alone.
 * @throws {VesemirError} `NOTIFICATION_FAILED` when trying again may help, `NOTIFICATION_REFUSED` when it cannot
 */
export async function request(
  url: string,
  { name, method, body, headers, fetch, timeoutMs = defaultTimeoutMs, clock, signal, about }: Request,
): Promise<Response> {
  const timeout = AbortSignal.timeout(timeoutMs)
  let response: Response
  try {
    response = await fetch(url, {
      method,
      ...(body === undefined ? {} : { body }),
      headers: { 'content-type': 'application/json', 'user-agent': 'vesemir', ...headers },
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    })
  } catch (error) {
    signal.throwIfAborted()
    const why = timeout.aborted
      ? `did not answer within ${timeoutMs / 1000} s`
      : `could not be reached: ${reason(error)}`
    // Without the cause, whose words are not ours: the address in it would end up in the queue and the log.
    throw new VesemirError('NOTIFICATION_FAILED', `${name} ${why}`)
  }
  if (response.ok) return response
  await response.body?.cancel()
  const retryAfterMs = readRetryAfterMs(response.headers, clock.now())
  const message = `${name} returned HTTP status ${response.status}${about === undefined ? '' : ` for ${about}`}`
  throw new VesemirError(codeOf(response.status), message, {
    details: {
      status: response.status,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs: Math.min(retryAfterMs, longestWaitMs) }),
    },
  })
}

const longestWaitMs = 3_600_000

/** RFC 9110, 15.5.9, and RFC 6585, 4: these two of 4xx are of the moment. */
function codeOf(status: number): ErrorCode {
  return status >= 500 || status === 408 || status === 429 ? 'NOTIFICATION_FAILED' : 'NOTIFICATION_REFUSED'
}

/** Such as ECONNREFUSED, or CERT_HAS_EXPIRED. */
function reason(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } }
  return typeof cause?.code === 'string' ? cause.code : 'no connection'
}
