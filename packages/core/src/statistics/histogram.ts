import type { Histogram, Percentiles } from '@vesemir/contract'

/** Each bucket begins a fifth higher than the one before: what is read from one is within 10 % of what was measured. */
const growth = 1.2

/** Returns a histogram with one more time. */
export function addTime(histogram: Histogram, ms: number): Histogram {
  const bucket = String(ms <= 1 ? 0 : Math.floor(Math.log(ms) / Math.log(growth)))
  return { ...histogram, [bucket]: (histogram[bucket] ?? 0) + 1 }
}

/** Returns all times of several histograms. */
export function mergeHistograms(histograms: readonly Histogram[]): Histogram {
  const merged: Histogram = {}
  for (const histogram of histograms)
    for (const [bucket, count] of Object.entries(histogram)) merged[bucket] = (merged[bucket] ?? 0) + count
  return merged
}

/** Returns how many times there are, and their percentiles; undefined where there are none. */
export function percentilesOf(histogram: Histogram): Percentiles | undefined {
  const buckets = Object.entries(histogram)
    .map(([bucket, count]) => ({ bucket: Number(bucket), count }))
    .toSorted((a, b) => a.bucket - b.bucket)
  const total = buckets.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) return undefined
  const at = (part: number) => {
    let below = 0
    const found = buckets.find(({ count }) => (below += count) >= total * part)!
    return Math.round(growth ** (found.bucket + 0.5))
  }
  return { count: total, p50Ms: at(0.5), p90Ms: at(0.9) }
}
