import { durationMs, type HttpTask } from '@vesemir/contract'
import { deadlineIn, isVesemirError, VesemirError, type Clock, type Revealed, type TaskOptions } from '@vesemir/core'
import type { Masker } from '@vesemir/process/masking'
import { TimeUp, withinTime } from '@vesemir/process/waiting'
import type { Fetch } from '../http/create-fetch.ts'
import { createOutput, type Output } from '../remote-shell/ssh/output.ts'

interface CallOptions extends TaskOptions {
  version: string
  fetch: Fetch
  clock: Clock
  masker: Masker
  /** The limit of one poll; 30 s. The request itself may take all the time of the task. */
  longestPollMs?: number
}

/** The part of an answer that is read and shown. */
const mostBytes = 64 * 1024

interface Answer {
  status: number
  body: string
}

/**
 * Sends the request of a task once, then polls until an answer says that the work is done. A poll without an answer, or with
 * an error of the server, is repeated; the call itself is not. Returns how it ended, in words.
 * @throws {VesemirError} `TASK_FAILED`, `COMMAND_TIMED_OUT`, `ADDRESS_REFUSED`
 */
export async function callTask(request: Revealed<HttpTask>, options: CallOptions): Promise<string> {
  const output = createOutput(options)
  const [url, pollUrl] = urlsOf(request, options.version)
  const deadline = deadlineIn(options.clock, options.timeoutMs)
  const leftMs = () => deadline.leftMs()
  const ask = createAsk(request, { ...options, output, leftMs })
  try {
    const body = request.body?.replaceAll('{version}', options.version)
    const answer = await ask(url, { method: request.method, body })
    if (!isSuccess(answer)) throw failed(url, `returned HTTP status ${answer.status}`)
    if (!request.poll) return `HTTP status ${answer.status}`
    return await pollToEnd(request.poll, { ...options, url: pollUrl, ask, leftMs })
  } finally {
    output.end()
  }
}

/** Returns the address of a task's request, and that of its polls. */
export function urlsOf({ url, poll }: Pick<Revealed<HttpTask>, 'url' | 'poll'>, version: string): [string, string] {
  const filled = (template: string) => template.replaceAll('{version}', encodeURIComponent(version))
  return [filled(url), filled(poll?.url ?? url)]
}

type Ask = (url: string, how: { method: string; body?: string | undefined; longestMs?: number }) => Promise<Answer>

async function pollToEnd(
  { done, failed: failedText, interval }: NonNullable<Revealed<HttpTask>['poll']>,
  {
    url,
    ask,
    leftMs,
    clock,
    signal,
    longestPollMs = 30_000,
  }: CallOptions & { url: string; ask: Ask; leftMs: () => number },
): Promise<string> {
  const startedAt = clock.startStopwatch()
  for (let polls = 1; ; polls += 1) {
    const answer = await ask(url, { method: 'GET', longestMs: longestPollMs }).catch((error: unknown) => {
      // Who serves it may be restarted meanwhile.
      if (signal.aborted || !isVesemirError(error, 'TASK_FAILED')) throw error
      return undefined
    })
    if (answer && isSuccess(answer)) {
      if (failedText !== undefined && answer.body.includes(failedText)) throw failed(url, `says ${failedText}`)
      if (answer.body.includes(done)) return `done after ${polls === 1 ? '1 poll' : `${polls} polls`}`
    } else if (answer && answer.status < 500 && answer.status !== 408 && answer.status !== 429)
      throw failed(url, `returned HTTP status ${answer.status}`)
    if (leftMs() === 0) {
      const message = `${nameOf(url)} did not say ${done} within ${Math.round(startedAt() / 1000)} s`
      throw new VesemirError('COMMAND_TIMED_OUT', message)
    }
    await clock.sleep(Math.min(durationMs(interval), leftMs()), signal)
  }
}

/** Makes what sends one request and shows its answer, unless it is the same as the last. */
function createAsk(
  { headers }: Pick<Revealed<HttpTask>, 'headers'>,
  { fetch, signal, output, leftMs }: CallOptions & { output: Output; leftMs: () => number },
): Ask {
  let last = ''
  return async (url, { method, body, longestMs = Infinity }) => {
    const answer = await inTime(url, { timeoutMs: Math.max(1, Math.min(leftMs(), longestMs)), signal }, (signal) =>
      send(url, { method, headers, body, fetch, signal }),
    )
    const text = `${method} ${nameOf(url)}: HTTP status ${answer.status}\n${answer.body}`
    if (text !== last) await output.take('stdout', Buffer.from(text.endsWith('\n') ? text : `${text}\n`))
    last = text
    return answer
  }
}

async function inTime(
  url: string,
  limits: { timeoutMs: number; signal: AbortSignal },
  task: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await withinTime(limits, task)
  } catch (error) {
    limits.signal.throwIfAborted()
    const refused = [error, (error as Error).cause].find((each) => isVesemirError(each, 'ADDRESS_REFUSED'))
    if (refused) throw refused
    if (error instanceof TimeUp) throw failed(url, `did not answer within ${limits.timeoutMs / 1000} s`)
    // Without the cause, in which the headers may be.
    throw failed(url, `could not be reached: ${reason(error)}`)
  }
}

/** Sends one request. Redirects are not followed: what is sent is meant for that address alone. */
async function send(
  url: string,
  {
    fetch,
    ...init
  }: { fetch: Fetch } & Pick<RequestInit, 'method'> & {
      headers: Readonly<Record<string, string>> | undefined
      body: string | undefined
      signal: AbortSignal
    },
): Promise<Answer> {
  const headers = { 'user-agent': 'vesemir', ...init.headers }
  const response = await fetch(url, { ...init, headers, body: init.body ?? null, redirect: 'manual' })
  return { status: response.status, body: await readStart(response) }
}

async function readStart(response: Response): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(Buffer.from(chunk))
    bytes += chunk.length
    if (bytes >= mostBytes) break
  }
  return Buffer.concat(chunks).subarray(0, mostBytes).toString()
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300
}

function failed(url: string, what: string): VesemirError {
  return new VesemirError('TASK_FAILED', `${nameOf(url)} ${what}`)
}

/** Returns a URL without its query, in which there may be more than people should read. */
function nameOf(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}

/** Such as ECONNREFUSED, or CERT_HAS_EXPIRED. */
function reason(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } }
  return typeof cause?.code === 'string' ? cause.code : 'no connection'
}
