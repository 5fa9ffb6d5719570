import type { Clock } from './ports/clock.ts'

/** A moment until which this process waits for something. No step of a clock moves it. */
export interface Deadline {
  /** Returns the milliseconds until then: 0 once it is over. */
  leftMs(): number
}

/** Sets a deadline this many milliseconds from now. */
export function deadlineIn(clock: Pick<Clock, 'startStopwatch'>, timeoutMs: number): Deadline {
  const elapsedMs = clock.startStopwatch()
  return { leftMs: () => Math.max(0, timeoutMs - elapsedMs()) }
}
