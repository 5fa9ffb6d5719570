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
    every(ms, task) {
      const over = new AbortController()
      const repeating = repeat(task, { ms, signal: over.signal })
      return {
        async [Symbol.asyncDispose]() {
          over.abort()
          await repeating
        },
      }
    },
  }
}

/** Goes on until aborted; a task that fails is tried again in its turn. */
async function repeat(task: () => Promise<void>, { ms, signal }: { ms: number; signal: AbortSignal }): Promise<void> {
  while (!signal.aborted) {
    await setTimeout(ms, undefined, { signal }).catch(() => {})
    if (!signal.aborted) await task().catch(() => {})
  }
}
