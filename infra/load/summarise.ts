/** How one request ended: with `failure` when it failed, and the `X-Version` of a good answer that names one. */
export interface Answer {
  failure?: string
  version?: string
  /** Whether it was sent a second time, since its kept connection was closed. */
  wasResent?: boolean
  /** By the wall clock, as events of a deployment are, so that one can be held against the other. */
  sentAt: Date
  durationMs: number
}

/** What became of all requests; `failures` and `versions` count by reason and by answering version. */
export interface LoadSummary {
  total: number
  failed: number
  /** Sent a second time; counted once. */
  resent: number
  failures: Record<string, number>
  /** Each failed request by itself, in the order in which they ended. */
  lost: readonly Answer[]
  versions: Record<string, number>
  /** Of the answers that did not fail; 0 without any. */
  p50Ms: number
  p99Ms: number
}

/** Counts answers by outcome and takes the nearest-rank percentiles of the good ones' times. */
export function summarise(answers: readonly Answer[]): LoadSummary {
  const failed = answers.filter(({ failure }) => failure !== undefined)
  const good = answers.filter(({ failure }) => failure === undefined)
  const times = good.map(({ durationMs }) => durationMs).sort((a, b) => a - b)
  return {
    total: answers.length,
    failed: failed.length,
    resent: answers.filter(({ wasResent }) => wasResent).length,
    failures: count(failed.map(({ failure }) => failure)),
    lost: failed,
    versions: count(good.map(({ version }) => version)),
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
  }
}

function count(names: readonly (string | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

function percentile(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0)
}
