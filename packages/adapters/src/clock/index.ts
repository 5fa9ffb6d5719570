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
    every(ms, task, soon) {
      const over = new AbortController()
      const repeating = repeat(task, { ms, soon, signal: over.signal })
      return {
        async [Symbol.asyncDispose]() {
          over.abort()
          await repeating
        },
      }
    },
    beside(task, signal) {
      const over = new AbortController()
      const failed = new AbortController()
      const done = task(AbortSignal.any([signal, over.signal]))
      const ended = done.catch((error: unknown) => failed.abort(error))
      return {
        done,
        orFailed: AbortSignal.any([signal, failed.signal]),
        async [Symbol.asyncDispose]() {
          over.abort()
          await ended
        },
      }
    },
  }
}

interface Repetition {
  ms: number
  soon: (signal: AbortSignal) => Promise<void>
  signal: AbortSignal
}

async function repeat(task: (signal: AbortSignal) => Promise<void>, repetition: Repetition): Promise<void> {
  const { signal } = repetition
  while (!signal.aborted) {
    await untilNext(repetition)
    if (!signal.aborted) await task(signal).catch(() => {})
  }
}

async function untilNext({ ms, soon, signal }: Repetition): Promise<void> {
  const next = new AbortController()
  const either = AbortSignal.any([signal, next.signal])
  const waits = [setTimeout(ms, undefined, { signal: either }), soon(either)]
  await Promise.race(waits).catch(() => {})
  next.abort()
  await Promise.allSettled(waits)
}
