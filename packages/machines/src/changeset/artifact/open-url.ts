import { isVesemirError } from '@vesemir/core'
import { TimeUp, withinTime } from '@vesemir/process/waiting'
import type { Fetch } from '../../http/create-fetch.ts'
import { readRetryAfterMs } from '../../http/retry-after.ts'
import type { HeadersFor } from './credentials.ts'
import { PassingFailure } from './passing-failure.ts'
import { serverFailed, unavailable } from './unavailable.ts'

const mostRedirects = 5

/** How artifact servers are asked. */
export interface Asking {
  headersFor: HeadersFor
  fetch: Fetch
  /** How long a server may send nothing. */
  stallTimeoutMs: number
  /** The largest file that is taken. */
  maxBytes: number
  signal: AbortSignal
}

/** An address that answers with the file itself, and the headers that it was asked with. */
export interface Opened {
  url: string
  headers: Readonly<Record<string, string>>
  response: Response
}

/** What is wanted of a file: all from a byte on, of the file that has this ETag or date. */
export interface Rest {
  fromByte: number
  validator: string
}

/**
 * Asks for a URL and follows where it leads. Each address on the way gets the headers that are meant for it, so that a
 * redirect to another server takes no secret there. The answer's body is to be read or cancelled.
 * @throws {VesemirError} `ARTIFACT_UNAVAILABLE`, `ADDRESS_REFUSED`
 * @throws {PassingFailure}
 */
export async function openUrl(url: string, asking: Asking, rest?: Rest): Promise<Opened> {
  let next = url
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const { username, password } = new URL(next)
    if (username || password) throw unavailable(url, 'has a user name or password, which is not supported')
    const headers = asking.headersFor(next)
    const response = await ask(next, { ...asking, headers: { ...headers, ...wanted(rest) } })
    if (response.status === 200 || (rest && response.status === 206)) return { url: next, headers, response }
    await response.body?.cancel()
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || location === null) throw refusal(url, response)
    next = new URL(location, next).href
  }
  throw unavailable(url, `redirects more than ${mostRedirects} times`)
}

/** RFC 9110, 14.2 and 13.1.5: one that has changed since is sent as a whole. */
function wanted(rest: Rest | undefined): Record<string, string> {
  const range: Record<string, string> = rest ? { range: `bytes=${rest.fromByte}-`, 'if-range': rest.validator } : {}
  return { 'accept-encoding': 'identity', ...range }
}

async function ask(
  url: string,
  { headers, fetch, stallTimeoutMs, signal }: Asking & { headers: Record<string, string> },
): Promise<Response> {
  try {
    return await withinTime({ timeoutMs: stallTimeoutMs, signal }, (signal) =>
      fetch(url, { signal, headers, redirect: 'manual' }),
    )
  } catch (error) {
    signal.throwIfAborted()
    const refused = [error, (error as Error).cause].find((each) => isVesemirError(each, 'ADDRESS_REFUSED'))
    if (refused) throw refused
    if (error instanceof TimeUp)
      throw new PassingFailure(serverFailed(url, `did not answer within ${stallTimeoutMs / 1000} s`, error))
    const { message, code } = causeOf(error)
    const told = unavailable(url, `cannot be read: ${message}`, error)
    throw /CERT|SIGNATURE|SSL|TLS/.test(code) ? told : new PassingFailure(told)
  }
}

function refusal(url: string, { status, headers }: Response): Error {
  const nowMs = Date.parse(headers.get('date') ?? '')
  // RFC 9110, 15.5.9, and RFC 6585, 4: these two of 4xx are of the moment.
  if (status >= 500 || status === 408 || status === 429)
    return new PassingFailure(serverFailed(url, `kept returning HTTP status ${status}`), {
      retryAfterMs: readRetryAfterMs(headers, nowMs),
    })
  return unavailable(url, `returned HTTP status ${status}`)
}

/** fetch says only that it failed; why is in the cause. */
export function causeOf(error: unknown): { message: string; code: string } {
  const { message, cause } = error as Error
  const { code = '' } = (cause ?? error) as NodeJS.ErrnoException
  return { message: cause instanceof Error ? `${message}: ${cause.message || code}` : message, code }
}
