import { ApiError, answerNotUnderstood } from './api-error.ts'
import type { DeploymentEvent, StreamMessage } from './events.ts'
import { parseJson } from './parse-json.ts'
import type { EventPage } from './routes.ts'

/** Says that the log lines numbered `from` to `to` are gone from the API. */
export interface TrimmedNotice {
  kind: 'trimmed'
  from: number
  to: number
}

/** Says that Redis has lost events: those numbered above `after` are no more, and others may come with their numbers. */
export interface RestoredNotice {
  kind: 'restored'
  after: number
}

export interface FollowOptions {
  /** The number of the last event that the caller has; 0, the default, from the beginning. */
  after?: number
  signal?: AbortSignal | undefined
  /** Called when the API no longer answers, and when it does again. */
  onConnection?: ((change: ConnectionChange) => void) | undefined
  /** How long the API may stay away before following ends with its error; 5 minutes. */
  patienceMs?: number
  /** The most that the second try waits, from which it doubles; 250 ms. */
  retryMs?: number
}

export type ConnectionChange = { state: 'lost'; error: ApiError } | { state: 'back' }

/**
 * Opens a connection to the address of a deployment's events and yields each message, until the connection ends for whatever
 * reason. Only the signal makes it throw.
 */
export type OpenMessages = (
  address: URL,
  options: { token: string | undefined; signal: AbortSignal | undefined },
) => AsyncIterable<string>

interface Source {
  address: URL
  token: string | undefined
  openMessages: OpenMessages | undefined
  readPage: (query: Cursor & { signal: AbortSignal | undefined }) => Promise<EventPage>
}

/** The number of an event, and the epoch that it is of, once the API has named it. */
interface Cursor {
  after: number
  epoch: string | undefined
}

type Item = DeploymentEvent | TrimmedNotice | RestoredNotice
interface Batch {
  items: readonly Item[]
  epoch?: string | undefined
  ended: boolean
}

const longestRetryMs = 5000

/** A connection that says nothing for so long may be dead. A new one costs little and repeats nothing. */
const idleMs = 60_000
const noNews = '{"kind":"events","events":[]}'

/**
 * Follows a deployment over a WebSocket, or what stands for one. Whenever one ends too early, a page is read over plain HTTP:
 * a WebSocket does not say why it could not be opened and an HTTP answer does, and where a proxy lets no WebSocket through,
 * pages do as well.
 * An event may be of a type, and have values, that only a newer API knows: whoever takes it passes over those.
 */
export async function* followEvents(source: Source, options: FollowOptions): AsyncGenerator<Item, void> {
  const { signal, retryMs = 250 } = options
  const { address, token, openMessages = openSocket } = source
  const readPage = patiently(source, options)
  let last = options.after ?? 0
  let lastTrimmed = last
  let epoch: string | undefined
  // A notice may come before the events around it: it says nothing of which events were had.
  function* news(batch: Batch): Generator<Item> {
    epoch = batch.epoch ?? epoch
    for (const item of batch.items) {
      if ('kind' in item && item.kind === 'restored') last = lastTrimmed = item.after
      else if ('kind' in item) {
        if (item.to <= lastTrimmed) continue
        lastTrimmed = item.to
      } else {
        if (item.seq <= last) continue
        last = item.seq
      }
      yield item
    }
  }
  for (let failures = 0; ; failures += 1) {
    for await (const text of openMessages(withCursor(address, { after: last, epoch }), { token, signal })) {
      const batch = toBatch(text)
      failures = 0
      yield* news(batch)
      if (batch.ended) return
    }
    if (failures > 0) await sleep(Math.random() * Math.min(retryMs * 2 ** failures, longestRetryMs), signal)
    const page = await readPage({ after: last, epoch })
    if (!page) continue
    yield* news(page)
    if (page.ended) return
  }
}

function placeOf(item: DeploymentEvent | TrimmedNotice): number {
  return 'kind' in item ? item.from : item.seq
}

/** Reads pages; gives undefined while the API is away, for as long as patience lasts. */
function patiently(source: Source, options: FollowOptions): (cursor: Cursor) => Promise<Batch | undefined> {
  const { signal, onConnection, patienceMs = 300_000 } = options
  let lostSinceMs: number | undefined
  return async (cursor) => {
    try {
      const { events, trimmed, ended, restored, epoch } = await source.readPage({ ...cursor, signal })
      if (lostSinceMs !== undefined) onConnection?.({ state: 'back' })
      lostSinceMs = undefined
      const notices = trimmed.map((range) => ({ kind: 'trimmed' as const, ...range }))
      const inOrder = [...notices, ...checkEvents(events)].sort((a, b) => placeOf(a) - placeOf(b))
      return { items: [...(restored ? [{ kind: 'restored' as const, ...restored }] : []), ...inOrder], epoch, ended }
    } catch (error) {
      if (!(error instanceof ApiError && error.isPassing)) throw error
      if (lostSinceMs === undefined) onConnection?.({ state: 'lost', error })
      lostSinceMs ??= performance.now()
      if (performance.now() - lostSinceMs >= patienceMs) throw error
      return undefined
    }
  }
}

function withCursor(address: URL, { after, epoch }: Cursor): URL {
  const url = new URL(address)
  url.searchParams.set('after', String(after))
  if (epoch !== undefined) url.searchParams.set('epoch', epoch)
  return url
}

/** Opens a WebSocket to a deployment's events, and yields its messages. */
export const openSocket: OpenMessages = (address, { token, signal }) => {
  signal?.throwIfAborted()
  const url = new URL(address)
  url.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  // Headers are Node's addition to WebSocket; a browser sends its cookie.
  const socket = token === undefined ? new WebSocket(url) : new WebSocket(url, { headers: bearer(token) })
  return textsOf(socket, signal)
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}

/** Gives a socket's messages as a stream that ends with it. To cancel the stream is to close the socket. */
function textsOf(socket: WebSocket, signal: AbortSignal | undefined): ReadableStream<string> {
  const listening = new AbortController()
  let idle: ReturnType<typeof setTimeout>
  const release = () => {
    clearTimeout(idle)
    listening.abort()
    socket.close()
  }
  const start = (controller: ReadableStreamDefaultController<string>) => {
    const end = () => {
      release()
      controller.close()
    }
    const endWhenIdle = () => {
      clearTimeout(idle)
      idle = setTimeout(() => {
        controller.enqueue(noNews)
        end()
      }, idleMs)
    }
    const pass = ({ data }: MessageEvent) => {
      endWhenIdle()
      controller.enqueue(String(data))
    }
    const abort = () => {
      release()
      controller.error(signal?.reason)
    }
    endWhenIdle()
    socket.addEventListener('message', pass, { signal: listening.signal })
    socket.addEventListener('close', end, { signal: listening.signal })
    signal?.addEventListener('abort', abort, { signal: listening.signal })
  }
  return new ReadableStream({ start, cancel: release })
}

function toBatch(text: string): Batch {
  const message = parseJson(text) as StreamMessage | null | undefined
  switch (message?.kind) {
    case 'events':
      return { items: checkEvents(message.events), epoch: message.epoch, ended: false }
    case 'restored':
      return { items: [{ kind: 'restored', after: message.after }], epoch: message.epoch, ended: false }
    case 'trimmed':
      return { items: [message], ended: false }
    case 'ended':
      return { items: [], ended: true }
    case undefined:
  }
  throw answerNotUnderstood('the API sent a message of an unknown form')
}

/**
 * Checks no more than the envelope of events: what is in it is the API's word, a deployment has thousands of them, and a newer
 * API may tell what is not known here.
 */
function checkEvents(events: readonly DeploymentEvent[]): readonly DeploymentEvent[] {
  if (Array.isArray(events) && events.every(isEvent)) return events
  throw answerNotUnderstood('the API sent an event of an unknown form')
}

function isEvent(event: Partial<DeploymentEvent> | null): boolean {
  return typeof event?.seq === 'number' && typeof event.at === 'string' && typeof event.type === 'string'
}

async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  const abort = () => reject(signal?.reason)
  signal?.addEventListener('abort', abort)
  try {
    await promise
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}
