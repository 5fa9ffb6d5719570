import { addAbortListener } from 'node:events'

/**
 * Waits for a promise until the signal is aborted: then rejects with its reason, and leaves the promise to others who wait
 * for it. Leaves no listener.
 */
export async function orAborted<Result>(promise: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (!signal) return promise
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  // A promise that fails later must find somebody who waits for it, even where the signal was aborted before.
  if (signal.aborted) reject(signal.reason)
  using _listening = addAbortListener(signal, () => reject(signal.reason))
  return await Promise.race([aborted, promise])
}
