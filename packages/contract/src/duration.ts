/** How a span of time is written. */
export const durationPattern = /^(?:\d+(?:ms|s|m|h|d))+$/

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Tells whether a text is a span of time: a command that checks no more than this need not load the schemas. */
export function isDuration(text: string): boolean {
  return durationPattern.test(text)
}

/** Reads a `Duration` as milliseconds. */
export function durationMs(duration: string): number {
  let totalMs = 0
  for (const [, amount, unit] of duration.matchAll(/(\d+)(ms|s|m|h|d)/g))
    totalMs += Number(amount) * (unitMs[unit!] ?? 0)
  return totalMs
}
