import { setTimeout } from 'node:timers/promises'
import type { Clock } from '@vesemir/core'

type Time = Pick<Clock, 'now' | 'sleep'>

/** The machine's own time. */
export const realClock: Time = {
  now: () => Date.now(),
  sleep: (ms, signal) => setTimeout(ms, undefined, signal ? { signal } : {}),
}

/** A clock that is wrong by so much, and whose sleeps are over at once; it keeps what it was asked to sleep. */
export function impatientClock({ aheadMs = 0 } = {}): Time & { sleptMs: number[] } {
  const sleptMs: number[] = []
  return {
    sleptMs,
    now: () => Date.now() + aheadMs,
    sleep: async (ms) => {
      sleptMs.push(ms)
    },
  }
}
