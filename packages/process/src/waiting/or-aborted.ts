/**
 * Waits for a promise until the signal is aborted: then rejects with its reason, and leaves the promise to others who wait
 * for it. Leaves no listener.
 */
export function orAborted<Result>(promise: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (!signal) return promise
  const { promise: outcome, resolve, reject } = Promise.withResolvers<Result>()
  const giveUp = () => reject(signal.reason)
  const stopListening = () => signal.removeEventListener('abort', giveUp)
  if (signal.aborted) giveUp()
  else signal.addEventListener('abort', giveUp, { once: true })
  // A promise that fails later must find somebody who waits for it, even where the signal was aborted before.
  promise.then(resolve, reject)
  promise.then(stopListening, stopListening)
  return outcome
}
