import { setTimeout } from 'node:timers/promises'
import type { Clock } from '@vesemir/core'

/** Gives the machine's own time. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      try {
        await setTimeout(ms, undefined, signal ? { signal } : {})
      } catch (error) {
        signal?.throwIfAborted()
        throw error
      }
    },
  }
}
