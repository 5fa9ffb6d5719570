/** A mean as it was told, and of how many requests in all. */
export interface Told {
  meanMs: number
  requests: number
}

/** The mean time of some requests, and by how much it may be off: below zero, too, where there are few. */
export interface MeanTime {
  ms: number
  withinMs: number
  requests: number
}

/**
 * HAProxy keeps a sum of times: a plain one of the first 512 requests since it was started; from then on, each further request takes 1/512 of
 * it away first (TIME_STATS_SAMPLES, swrate_add_dynamic in its sources; its manual says 1024). Measured with 2.2, 2.6 and 3.2.
 */
const samples = 512

/** It tells the mean in whole milliseconds, rounded up. */
const roundingMs = 0.5

/**
 * Returns the mean time of the requests that were answered between two looks at a mean of recent ones: what is left of those before is
 * taken out, so that an updated server is not taken for as fast as its old version was. The fewer they are, the more HAProxy's rounding
 * counts: `withinMs` says how much. Nothing without a request.
 */
export function meanSince(before: Told | undefined, now: Told, answered: number): MeanTime | undefined {
  if (answered <= 0) return undefined
  const { requests: earlier, meanMs: earlierMs } = before ?? { requests: 0, meanMs: 0 }
  const [weightBefore, weightNow] = [Math.min(earlier, samples), Math.min(earlier + answered, samples)]
  const added = weightNow - weightBefore
  const kept = (1 - 1 / samples) ** (answered - added)
  const weight = added * kept + samples * (1 - kept)
  const ms = (sumOf(now.meanMs, weightNow) - sumOf(earlierMs, weightBefore) * kept) / weight
  const withinMs = (roundingMs * (weightNow + weightBefore * kept)) / weight
  return { ms, withinMs, requests: answered }
}

function sumOf(meanMs: number, requests: number): number {
  return Math.max(0, meanMs - roundingMs) * requests
}
