import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'
import { startSystem, type System } from '../support/start-system.ts'
import { startProxy } from './support/cuttable-proxy.ts'
import { openBrowser } from './support/open-browser.ts'

const mostBytesPerMinute = 1024
/** How long the page asks the API to wait, and rests after that. */
const waitMs = 55_000
const restMs = 5000
const watchedMs = 4000

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 1 } })
  const { application, environment } = system.fleet
  await system.release('1.0.0')
  await system.cli('deploy', application, '-e', environment, '--version', '1.0.0')
})
afterAll(() => system?.[Symbol.asyncDispose]())

test.concurrent.for<[name: string, path: string]>([
  ['overview', '/'],
  ['list', '/deployments'],
  ['deployment that has ended', '/deployments/d-1'],
])('an idle tab of the %s takes at most 1 KB a minute', async ([, path], { expect }) => {
  await using proxy = await startProxy(system.url)
  await using browser = await openBrowser({ url: proxy.url, token: system.token })
  await using opened = await browser.open(path)
  const { page } = opened
  const waiting = await page.waitForRequest((request) => request.headers()['prefer'] === `wait=${waitMs / 1000}`)

  const bytesWhile = async (act: () => Promise<unknown>) => {
    const before = proxy.carried()
    await act()
    return proxy.carried() - before
  }
  // The request that waits is all there.
  let carried = 0
  await expect.poll(() => carried === (carried = proxy.carried()), { interval: 200 }).toBe(true)
  const turnBytes = await bytesWhile(async () => expect(await askAgain(page, waiting)).toBe(304))
  const quietBytes = await bytesWhile(() => sleep(watchedMs))

  const bytesPerMinute = (turnBytes * 60_000) / (waitMs + restMs) + (quietBytes * 60_000) / watchedMs
  console.error(`${path} idle: ${Math.round(bytesPerMinute)} bytes a minute, ${turnBytes} for each request`)
  expect(bytesPerMinute).toBeLessThanOrEqual(mostBytesPerMinute)
})

/** Sends what waits as a request of the same length that does not, and returns the status of its answer. */
function askAgain(page: Page, waiting: { url(): string; headers(): Record<string, string> }): Promise<number> {
  const { accept = '', prefer = '', 'if-none-match': known = '' } = waiting.headers()
  const headers = { accept, prefer: prefer.replaceAll(/\d/g, '0'), 'if-none-match': known }
  const ask = async ([url, headers]: readonly [string, Record<string, string>]) =>
    (await fetch(url, { headers })).status
  return page.evaluate(ask, [waiting.url(), headers] as const)
}
