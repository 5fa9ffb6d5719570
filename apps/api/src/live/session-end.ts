import type { Session } from '@vesemir/contract'
import { VesemirError, type Clock } from '@vesemir/core'

/** A signal that is aborted, with `UNAUTHENTICATED`, when a browser's session ends; dispose of it when nobody waits for that. */
export interface SessionEnd extends Disposable {
  signal: AbortSignal
}

/**
 * Watches for the end of the session that a stream was opened with. A browser that has renewed it meanwhile comes back with
 * its new cookie; a program's token has no end.
 */
export function watchSession({ expiresAt }: Session, clock: Pick<Clock, 'now'>): SessionEnd {
  const ending = new AbortController()
  if (expiresAt === undefined) return { signal: ending.signal, [Symbol.dispose]: () => {} }
  const end = () => ending.abort(new VesemirError('UNAUTHENTICATED', 'the session has ended: sign in again'))
  const timer = setTimeout(end, Math.max(0, Date.parse(expiresAt) - clock.now()))
  return { signal: ending.signal, [Symbol.dispose]: () => clearTimeout(timer) }
}
