import { setTimeout } from 'node:timers/promises'

interface WaitOptions {
  /** What is waited for, as a sentence: it becomes the error's message. */
  what: string
  timeoutMs: number
  pollMs?: number
  signal?: AbortSignal | undefined
}

/**
 * Waits until the condition gives a value other than undefined and false, and gives that value. An error of the condition
 * ends the wait at once.
 */
export async function waitFor<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  { what, timeoutMs, pollMs = 25, signal }: WaitOptions,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    signal?.throwIfAborted()
    const value = await condition()
    if (value !== undefined && value !== false) return value
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await setTimeout(pollMs, undefined, { signal })
  }
}
