import { isOver, type Clock } from '@vesemir/core'
import { sleep } from '../waiting/sleep.ts'

/** Creates a clock that shows this machine's own time of day. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    startStopwatch() {
      const startedMs = performance.now()
      return () => Math.floor(performance.now() - startedMs)
    },
    sleep,
    every(ms, task, soon) {
      const over = new AbortController()
      const repeating = repeat(task, { ms, soon, signal: over.signal })
      return {
        async [Symbol.asyncDispose]() {
          over.abort(isOver)
          await repeating
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
  const waits = [sleep(ms, either), soon(either)]
  await Promise.race(waits).catch(() => {})
  next.abort(isOver)
  await Promise.allSettled(waits)
}
