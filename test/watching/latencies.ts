const longestMs = 60_000

/** Counts latencies by the millisecond. */
export class Latencies {
  readonly #counts = new Uint32Array(longestMs + 1)
  #total = 0

  add(ms: number): void {
    this.#counts[Math.max(0, Math.min(longestMs, Math.round(ms)))]! += 1
    this.#total += 1
  }

  /** The latency that this share of them does not exceed, in milliseconds; 0 when there are none. */
  quantile(share: number): number {
    const rank = Math.ceil(this.#total * share)
    let seen = 0
    return Math.max(
      0,
      this.#counts.findIndex((count) => (seen += count) >= rank),
    )
  }
}
