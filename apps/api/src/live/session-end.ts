import { VesemirError, type Clock } from '@vesemir/core'
import type { SignedOutSessions } from '@vesemir/store/session'
import type { FastifyRequest } from 'fastify'

/** A signal that is aborted, with `UNAUTHENTICATED`, when a browser's session ends; dispose of it when nobody waits for that. */
export interface SessionEnd extends Disposable {
  signal: AbortSignal
}

/**
 * Watches for the end of the session that a stream was opened with, by its time or by signing out. A browser that has renewed
 * it meanwhile comes back with its new cookie; a program's token has no end.
 */
export function watchSession(
  { caller: { expiresAt }, sessionId }: Pick<FastifyRequest, 'caller' | 'sessionId'>,
  { clock, signedOut }: { clock: Pick<Clock, 'now'>; signedOut: Pick<SignedOutSessions, 'waitFor'> },
): SessionEnd {
  const ending = new AbortController()
  if (expiresAt === undefined || sessionId === undefined) return { signal: ending.signal, [Symbol.dispose]: () => {} }
  const gone = new AbortController()
  const end = () => ending.abort(new VesemirError('UNAUTHENTICATED', 'the session has ended: sign in again'))
  const timer = setTimeout(end, Math.max(0, Date.parse(expiresAt) - clock.now()))
  // Where Redis cannot be asked, the stream itself fails.
  signedOut.waitFor(sessionId, gone.signal).then(end, () => {})
  return {
    signal: ending.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      gone.abort()
    },
  }
}
