import type { Clock } from '@vesemir/core'

interface RepeatOptions {
  intervalMs: number
  clock: Clock
  onError: (error: unknown) => void
}

/** Does something now and after each interval, until it is disposed of. What fails is tried again at the next. */
export function repeat(task: (signal: AbortSignal) => Promise<void>, options: RepeatOptions): AsyncDisposable {
  const stopping = new AbortController()
  const running = repeatUntil(stopping.signal, task, options)
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}

async function repeatUntil(
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<void>,
  { intervalMs, clock, onError }: RepeatOptions,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await task(signal)
    } catch (error) {
      if (!signal.aborted) onError(error)
    }
    await clock.sleep(intervalMs, signal).catch(() => {})
  }
}
