import { VesemirError, type Clock } from '@vesemir/core'
import type { SignedOutSessions } from '@vesemir/store/session'
import type { FastifyRequest } from 'fastify'
import type { Access } from '../access-settings.ts'

/** A signal that is aborted, with `UNAUTHENTICATED`, when a viewer's session ends; dispose of it when nobody waits for that. */
export interface SessionEnd extends Disposable {
  signal: AbortSignal
}

export interface SessionPorts {
  clock: Pick<Clock, 'now'>
  signedOut: Pick<SignedOutSessions, 'waitFor'>
  access: Pick<Access, 'replaced'>
}

/** The longest time that a timer of Node's can have. */
const longestTimerMs = 2 ** 31 - 1

/**
 * Watches for the end of what a stream was opened with: its time, signing out, a revoked token, or new settings. A viewer that
 * still may see the stream comes back, a browser with its renewed cookie.
 */
export function watchSession(
  { caller: { expiresAt }, sessions }: Pick<FastifyRequest, 'caller' | 'sessions'>,
  { clock, signedOut, access: { replaced } }: SessionPorts,
): SessionEnd {
  const ending = new AbortController()
  const gone = new AbortController()
  const end = () => ending.abort(new VesemirError('UNAUTHENTICATED', 'the session has ended; sign in again'))
  const leftMs = expiresAt === undefined ? longestTimerMs : Date.parse(expiresAt) - clock.now()
  const timer = setTimeout(end, Math.min(Math.max(0, leftMs), longestTimerMs))
  replaced.addEventListener('abort', end, { signal: gone.signal })
  // Where Redis cannot be asked, the stream itself fails.
  for (const id of sessions) signedOut.waitFor(id, gone.signal).then(end, () => {})
  return {
    signal: ending.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      gone.abort()
    },
  }
}
