import type { Page } from 'playwright-core'

interface TraceEvent {
  name: string
  pid: number
  tid: number
  /** Processor time, in µs. */
  tdur?: number
  args: { name?: string }
}

/**
 * Gives the longest time, in ms, for which the page was deaf to its reader while something was done: the longest task of its
 * main thread. Processor time is counted, so that a busy machine does not count against the page.
 */
export async function longestTaskMs(page: Page, act: () => Promise<void>): Promise<number> {
  const browser = page.context().browser()!
  await browser.startTracing(page, { categories: ['toplevel'] })
  await act()
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
  const mains = new Set(
    trace.traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(threadOf),
  )
  const tasks = trace.traceEvents.filter((event) => event.tdur !== undefined && mains.has(threadOf(event)))
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000
}

function threadOf({ pid, tid }: TraceEvent): string {
  return `${pid} ${tid}`
}
