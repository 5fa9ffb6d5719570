import { isVesemirError, VesemirError, type Clock } from '@vesemir/core'
import type { Fetch } from '../../http/create-fetch.ts'
import { readRetryAfterMs } from '../../http/retry-after.ts'
import { answerError, describeMissing, type ChefAnswer } from './answer-error.ts'
import { connectionError } from './connection-error.ts'
import type { ChefIdentity } from './credentials.ts'
import { signRequest, type SigningProtocol } from './sign-request.ts'

export interface ChefRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the server's URL, such as `/search/node`. */
  path: string
  query?: Readonly<Record<string, string>>
  body?: unknown
}

export interface ChefClient {
  /** The server's URL, for messages. */
  readonly serverUrl: string
  /**
   * Gives the answer's JSON. A failed connection, a 429 or a 5xx is tried again, three times, after longer and longer pauses.
   * @throws {VesemirError} `INVENTORY_UNREACHABLE`, `INVENTORY_REFUSED`, `INVENTORY_ANSWER_INVALID`
   */
  request(request: ChefRequest, signal?: AbortSignal): Promise<unknown>
}

interface ChefClientOptions {
  identity: ChefIdentity
  signing: SigningProtocol
  timeoutMs: number
  fetch: Fetch
  clock: Pick<Clock, 'now' | 'sleep'>
}

// A Chef server that restarts is back within seconds; one that asks for a pause is given it, up to a limit.
const retryDelaysMs = [500, 1000, 2000]
const longestDelayMs = 10_000
const maxAnswerBytes = 64 * 1024 * 1024

/** Creates a client of one Chef server. It holds nothing that must be closed. */
export function createChefClient(options: ChefClientOptions): ChefClient {
  const { identity, clock } = options
  return {
    serverUrl: identity.serverUrl,
    async request(request, signal) {
      let answer = await tryOnce(request, options, signal)
      for (const delayMs of retryDelaysMs) {
        if (!isWorthRetrying(answer)) break
        await clock.sleep(Math.max(delayMs, askedDelayMs(answer, clock.now())), signal)
        answer = await tryOnce(request, options, signal)
      }
      if (answer instanceof VesemirError) throw answer
      return readAnswer(answer, options)
    },
  }
}

async function tryOnce(
  request: ChefRequest,
  options: ChefClientOptions,
  signal: AbortSignal | undefined,
): Promise<ChefAnswer | VesemirError> {
  signal?.throwIfAborted()
  const { identity, timeoutMs } = options
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    return await send(request, options, signal ? AbortSignal.any([signal, timeout]) : timeout)
  } catch (error) {
    signal?.throwIfAborted()
    return isVesemirError(error) ? error : connectionError(error, { serverUrl: identity.serverUrl, timeoutMs })
  }
}

async function send(
  { method, path, query, body }: ChefRequest,
  { identity, signing, fetch, clock }: ChefClientOptions,
  signal: AbortSignal,
): Promise<ChefAnswer> {
  const server = new URL(identity.serverUrl)
  const parts = {
    method,
    path: `${server.pathname}${path}`.replaceAll(/\/{2,}/g, '/').replace(/\/$/, ''),
    body: body === undefined ? '' : JSON.stringify(body),
    timestamp: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    clientName: identity.clientName,
  }
  const url = `${server.origin}${parts.path}`
  const response = await fetch(url + queryString(query), {
    method,
    headers: {
      ...signRequest(parts, { key: identity.key, protocol: signing }),
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'X-Chef-Version': '18.0.0',
    },
    body: parts.body || null,
    // A signature holds for one path on one server: it is not taken elsewhere.
    redirect: 'manual',
    signal,
  })
  return { url, status: response.status, headers: response.headers, body: await readBody(response, url) }
}

function queryString(query: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

async function readBody(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxAnswerBytes) {
      throw new VesemirError('INVENTORY_ANSWER_INVALID', `${url} answers with more than ${maxAnswerBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function isWorthRetrying(answer: ChefAnswer | VesemirError): boolean {
  return answer instanceof VesemirError ? answer.details.retry === true : answer.status >= 500 || answer.status === 429
}

/** How long the server asks to be left alone. */
function askedDelayMs(answer: ChefAnswer | VesemirError, nowMs: number): number {
  const askedMs = answer instanceof VesemirError ? undefined : readRetryAfterMs(answer.headers, nowMs)
  return Math.min(askedMs ?? 0, longestDelayMs)
}

function readAnswer(answer: ChefAnswer, { identity, signing, clock }: ChefClientOptions): unknown {
  if (answer.status < 200 || answer.status > 299) {
    throw answerError(answer, { clientName: identity.clientName, signing, nowMs: clock.now() })
  }
  try {
    return JSON.parse(answer.body)
  } catch {
    throw new VesemirError(
      'INVENTORY_ANSWER_INVALID',
      `${answer.url} answers ${answer.status} with something other than JSON: ${describeMissing(answer.url)}`,
    )
  }
}
