import type { EventPage } from '@vesemir/contract'
import type { WebSocket } from 'ws'
import { toProblem } from '../problems.ts'
import { closeCodeOf, closeCodes } from './close-codes.ts'
import { encodeMessages } from './encode-pages.ts'
import type { LogFilter } from './filter-page.ts'
import type { SessionEnd } from './session-end.ts'

export interface Viewing {
  /** Gives pages at the pace at which they are taken, until its signal is aborted. */
  follow: (signal: AbortSignal) => AsyncIterable<EventPage>
  filter: LogFilter
  /** Aborted when the API closes. */
  closing: AbortSignal
  /** Watches for the end of the viewer's session. */
  watchSession: () => SessionEnd
  /** Tells what an error is. */
  explain: (error: unknown) => Promise<unknown>
  requestId: string
}

/**
 * Sends a deployment's events to one viewer. The next page is taken when the socket has passed on the one before: a slow
 * viewer holds one page, and nobody else up. Gives the error that ended the stream, if one did.
 */
export async function serveWebSocket(socket: WebSocket, viewing: Viewing): Promise<unknown> {
  const gone = new AbortController()
  socket.once('close', () => gone.abort())
  using session = viewing.watchSession()
  try {
    await sendAll(socket, viewing, AbortSignal.any([gone.signal, viewing.closing, session.signal]))
    socket.close(closeCodes.ended, 'the deployment has ended')
    return undefined
  } catch (error) {
    if (gone.signal.aborted) return undefined
    if (viewing.closing.aborted) {
      socket.close(closeCodes.restarting, 'the API is restarting; reconnect')
      return undefined
    }
    const known = await viewing.explain(error)
    const problem = toProblem(known, viewing.requestId)
    socket.close(closeCodeOf(problem), problem.code)
    return session.signal.aborted ? undefined : known
  }
}

async function sendAll(socket: WebSocket, { follow, filter }: Viewing, signal: AbortSignal): Promise<void> {
  for await (const page of follow(signal)) {
    for (const message of encodeMessages(page, filter)) {
      await send(socket, message)
      signal.throwIfAborted()
    }
  }
}

/** Resolves when the operating system has taken the whole message. */
function send(socket: WebSocket, message: Buffer): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.send(message, { binary: false }, (error) => (error ? reject(error) : resolve()))
  return promise
}
