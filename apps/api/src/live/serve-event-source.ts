import { once } from 'node:events'
import { PassThrough, type Readable } from 'node:stream'
import { encodeServerSentEvents } from './encode-pages.ts'
import type { Viewing } from './serve-web-socket.ts'

const comment = ': still here\n\n'

/**
 * Gives a deployment's events as a stream of Server-Sent Events (WHATWG HTML, 9.2), taken page by page as the viewer takes
 * them. `onError` hears what ended it early; the viewer finds out by coming back.
 */
export function serveEventSource(
  viewing: Viewing,
  { intervalMs, onError }: { intervalMs: number; onError: (error: unknown) => void },
): Readable {
  const stream = new PassThrough({ highWaterMark: 1 })
  const gone = new AbortController()
  const timer = setInterval(() => {
    if (stream.writableLength === 0) stream.write(comment)
  }, intervalMs)
  const session = viewing.watchSession()
  stream.once('close', () => {
    clearInterval(timer)
    session[Symbol.dispose]()
    gone.abort()
  })
  const signal = AbortSignal.any([gone.signal, viewing.closing, session.signal])
  pump(stream, viewing, signal).catch((error: unknown) => {
    if (!signal.aborted) onError(error)
    stream.end()
  })
  return stream
}

async function pump(stream: PassThrough, { follow, filter }: Viewing, signal: AbortSignal): Promise<void> {
  for await (const page of follow(signal)) {
    if (!stream.write(encodeServerSentEvents(page, filter))) await once(stream, 'drain', { signal })
  }
  stream.end()
}
