import { VesemirError, type Clock, type ErrorCode } from '@vesemir/core'
import type { Fetch } from '../http/create-fetch.ts'
import { readRetryAfterMs } from '../http/retry-after.ts'

const defaultTimeoutMs = 10_000

export interface Post {
  /** What the settings call the recipient. Errors name it by this alone: its address may be a secret. */
  name: string
  /** JSON. */
  body: string
  headers?: Readonly<Record<string, string>>
  fetch: Fetch
  timeoutMs?: number | undefined
  clock: Pick<Clock, 'now'>
  signal: AbortSignal
}

/**
 * Posts to an address once. Redirects are not followed: what is sent is meant for that address alone.
 * @throws {VesemirError} `NOTIFICATION_FAILED` when trying again may help, `NOTIFICATION_REFUSED` when it cannot
 */
export async function post(
  url: string,
  { name, body, headers, fetch, timeoutMs = defaultTimeoutMs, clock, signal }: Post,
): Promise<void> {
  const timeout = AbortSignal.timeout(timeoutMs)
  let response: Response
  try {
    response = await fetch(url, {
      method: 'POST',
      body,
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
  await response.body?.cancel()
  if (response.ok) return
  const retryAfterMs = readRetryAfterMs(response.headers, clock.now())
  const message = `${name} returned HTTP status ${response.status}`
  throw new VesemirError(codeOf(response.status), message, {
    details: retryAfterMs === undefined ? {} : { retryAfterMs: Math.min(retryAfterMs, longestWaitMs) },
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
