import { orAborted } from './or-aborted.ts'

/**
 * Waits so many milliseconds, or until the signal is aborted: then rejects with its reason. The sleep of node:timers/promises
 * makes an error of its own instead.
 */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  try {
    await orAborted(promise, signal)
  } finally {
    clearTimeout(timer)
  }
}
