/** A number that a process, or Redis, had at a time. */
export interface Sample {
  atMs: number
  value: number
}

/** How a number went in the later part of a run: a line fitted through it. */
export interface Trend {
  /** Where the line begins and ends. */
  from: number
  to: number
  perMinute: number
  isFlat: boolean
}

export interface Judgement {
  /** By how much it may grow over the later part: a share of where it began, and a number besides. */
  share: number
  besides: number
}

/** The earlier part is for code, caches and pools. */
const laterShare = 0.6

/** Fits a line through the later part of a run by least squares. */
export function fitTrend(samples: readonly Sample[], { share, besides }: Judgement): Trend {
  const points = samples.slice(Math.floor(samples.length * (1 - laterShare)))
  if (points.length < 2) throw new RangeError('a trend needs samples')
  const [meanAt, meanValue] = [mean(points.map(({ atMs }) => atMs)), mean(points.map(({ value }) => value))]
  const spread = sum(points.map(({ atMs }) => (atMs - meanAt) ** 2))
  const perMs = spread === 0 ? 0 : sum(points.map(({ atMs, value }) => (atMs - meanAt) * (value - meanValue))) / spread
  const at = (atMs: number) => meanValue + perMs * (atMs - meanAt)
  const [from, to] = [at(points[0]!.atMs), at(points.at(-1)!.atMs)]
  return { from, to, perMinute: perMs * 60_000, isFlat: to - from <= from * share + besides }
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
