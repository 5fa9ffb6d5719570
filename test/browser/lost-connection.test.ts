import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DeploymentEvent } from '@vesemir/contract'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSystem, type System } from '../support/start-system.ts'
import { startProxy, type CuttableProxy } from './support/cuttable-proxy.ts'
import { openBrowser, type TestBrowser } from './support/open-browser.ts'
import { takePicture } from './support/take-picture.ts'

let system: System
let proxy: CuttableProxy
let browser: TestBrowser
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 2 } })
  proxy = await startProxy(system.url)
  browser = await openBrowser({ url: proxy.url, token: system.token })
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await proxy?.[Symbol.asyncDispose]()
  await system?.[Symbol.asyncDispose]()
})

test('a connection that is lost for ten seconds is said, comes back by itself, and nothing is missed', async () => {
  const id = await startTicking({ ticks: 70 })
  await using opened = await browser.open(`/deployments/${id}`)
  const { page } = opened
  const lost = page.locator('.connection-lost')
  await page.getByText('tick 5 of').first().waitFor()

  proxy.cut()
  await lost.waitFor()
  await takePicture(page, 'connection-lost')
  await sleep(10_000)
  proxy.mend()
  await lost.waitFor({ state: 'detached' })
  await page.locator('.deployment-head .status').getByText('Succeeded').waitFor()

  expect(await downloadedTicks(page)).toEqual(ticksOf(await allEvents(id)))
})

test('a browser without network says so at once, and misses nothing either', async () => {
  const id = await startTicking({ ticks: 40 })
  await using opened = await browser.open(`/deployments/${id}`)
  const { page, context } = opened
  await page.getByText('tick 5 of').first().waitFor()

  await context.setOffline(true)
  await page.locator('.connection-lost').waitFor()
  await context.setOffline(false)
  await page.locator('.connection-lost').waitFor({ state: 'detached' })
  await page.locator('.deployment-head .status').getByText('Succeeded').waitFor()

  expect(await downloadedTicks(page)).toEqual(ticksOf(await allEvents(id)))
})

/** A deployment that says something five times a second, on both hosts. */
async function startTicking({ ticks }: { ticks: number }): Promise<string> {
  const { application, environment, appPort } = system.fleet
  const tick = `for i in $(seq 1 ${ticks}); do echo "tick $i of $VESEMIR_HOST"; sleep 0.2; done`
  const { id } = await system.client.createDeployment({
    application,
    environment,
    version: 'ticking',
    concurrency: 2,
    loadBalancer: { kind: 'none' },
    changeset: { strategy: 'command', commands: [tick] },
    healthCheck: { kind: 'tcp', port: appPort, address: 'host' },
  })
  return id
}

async function downloadedTicks(page: Page): Promise<string[]> {
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download' }).click()
  const text = await readFile(await (await downloading).path(), 'utf8')
  return text.match(/tick \d+ of web-\d$/gm) ?? []
}

function ticksOf(events: readonly DeploymentEvent[]): string[] {
  return events
    .flatMap((event) => (event.type === 'log.appended' ? event.lines : []))
    .flatMap(({ text }) => text.match(/^tick .*/) ?? [])
}

async function allEvents(id: string): Promise<DeploymentEvent[]> {
  const events: DeploymentEvent[] = []
  for (;;) {
    const page = await system.client.listEvents(id, { after: events.at(-1)?.seq ?? 0 })
    events.push(...page.events)
    if (page.ended) return events
  }
}
