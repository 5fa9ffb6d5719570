import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Watches how late the event loop is. */
export interface EventLoopWatch extends Disposable {
  /** Returns the longest delay of the last 10 to 20 seconds, in milliseconds. */
  longestDelayMs(): number
}

const windowMs = 10_000
const resolutionMs = 20

/** Starts watching. */
export function createEventLoopWatch(): EventLoopWatch {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  const longestMs = () => Math.max(0, histogram.max / 1e6 - resolutionMs)
  let beforeMs = 0
  const timer = setInterval(() => {
    beforeMs = longestMs()
    histogram.reset()
  }, windowMs).unref()
  return {
    longestDelayMs: () => Math.round(Math.max(beforeMs, longestMs())),
    [Symbol.dispose]() {
      clearInterval(timer)
      histogram.disable()
    },
  }
}
