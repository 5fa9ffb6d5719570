import { deadlineIn } from './deadline.ts'
import type { Clock } from './ports/clock.ts'

/** The time between two looks: short at first, since most waits are, then longer, up to the bound. */
const usualFirstMs = 20
const longestIntervalMs = 500
/** What is waited for is seen at most so much of its own time late. */
const usualGrowth = 1.25

export interface PollOptions {
  clock: Clock
  timeoutMs: number
  signal: AbortSignal
  firstIntervalMs?: number
  /** What each interval is of the one before. */
  growth?: number
  /** Looks come at multiples of this in time, so that all who wait for the same thing look together. */
  beatMs?: number
}

/**
 * Looks until `look` gives something other than undefined, or the time is over: then gives undefined.
 * It looks at once, and a last time at the end.
 */
export async function poll<Result>(
  look: () => Promise<Result | undefined>,
  { clock, timeoutMs, signal, firstIntervalMs = usualFirstMs, growth = usualGrowth, beatMs }: PollOptions,
): Promise<Result | undefined> {
  const deadline = deadlineIn(clock, timeoutMs)
  for (let intervalMs = firstIntervalMs; ; intervalMs = Math.min(Math.ceil(intervalMs * growth), longestIntervalMs)) {
    signal.throwIfAborted()
    const result = await look()
    const leftMs = deadline.leftMs()
    if (result !== undefined || leftMs === 0) return result
    const pauseMs = beatMs === undefined ? intervalMs : untilBeat(clock.now(), { intervalMs, beatMs })
    await clock.sleep(Math.min(pauseMs, leftMs), signal)
  }
}

/** The time to the last beat within an interval, at least to the next one. */
function untilBeat(nowMs: number, { intervalMs, beatMs }: { intervalMs: number; beatMs: number }): number {
  const beats = Math.max(1, Math.floor(intervalMs / beatMs))
  return beats * beatMs - (nowMs % beatMs)
}
