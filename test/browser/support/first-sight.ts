import type { Page } from 'playwright-core'

interface Sight {
  /** What must stand there, so that the page is the one that is meant. */
  shows: string
  /** How many times slower the browser's processor is made. */
  slowdown?: number
}

/**
 * Opens a path as for the first time, with nothing in the cache, and gives the time in ms until its largest part was painted: the median of
 * three. https://www.w3.org/TR/largest-contentful-paint/
 */
export async function firstSightMs(page: Page, path: string, { shows, slowdown = 1 }: Sight): Promise<number> {
  const devTools = await page.context().newCDPSession(page)
  await devTools.send('Network.enable')
  await devTools.send('Network.setCacheDisabled', { cacheDisabled: true })
  await devTools.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
  const times: number[] = []
  for (let time = 0; time < 3; time += 1) {
    await page.goto(path)
    times.push((await page.evaluate(largestPaintMs(shows))) as number)
  }
  await devTools.detach()
  return times.toSorted((one, other) => one - other)[1]!
}

// Text, since it is for the page's own PerformanceObserver: Node's knows no paint. The largest is the last, once nothing larger has come for a
// second after what is meant stood there. The page itself looks for that: Playwright's locators take a quarter of a slow processor.
const largestPaintMs = (shows: string) => `new Promise((resolve) => {
  let lastMs, sinceMs
  const observer = new PerformanceObserver((list) => (lastMs = list.getEntries().at(-1).startTime))
  observer.observe({ type: 'largest-contentful-paint', buffered: true })
  const look = () => {
    if (document.querySelector(${JSON.stringify(shows)})) sinceMs ??= performance.now()
    if (performance.now() - Math.max(lastMs, sinceMs) > 1000) resolve(lastMs)
    else setTimeout(look, 100)
  }
  look()
})`
