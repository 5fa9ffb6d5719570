import { createSystemClock } from '@vesemir/process/clock'
import { createRecords, type Records } from '@vesemir/store/record'
import { aSpec } from '@vesemir/contract/testing'
import { stepNames, type Plan, type ServerState } from '@vesemir/contract'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSystem, type System } from '../support/start-system.ts'
import { expectAccessible } from './support/accessibility.ts'
import { openBrowser, type TestBrowser } from './support/open-browser.ts'
import { firstSightMs } from './support/first-sight.ts'
import { longestTaskMs } from './support/longest-task.ts'
import { sealsOf } from './support/seals-of.ts'
import { takePicture } from './support/take-picture.ts'

// More machines than one can stand up here: no worker runs, and the record is told what 500 walks would tell it.
const waves = [10, 40, 150, 300]
const names = Array.from({ length: 500 }, (_, index) => `web-${String(index + 1).padStart(3, '0')}`)
const boxes = ['lb-1', 'lb-2']
const failing = new Set(['web-033', 'web-120', 'web-121'])

let system: System
let redis: Redis
let records: Records
let browser: TestBrowser
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 1 }, workers: [] })
  redis = new Redis(system.fleet.redisUrl)
  records = createRecords(redis, { clock: createSystemClock(), seals: await sealsOf(system) })
  browser = await openBrowser(system)
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await records?.[Symbol.asyncDispose]()
  redis?.disconnect()
  await system?.[Symbol.asyncDispose]()
})

test('500 hosts are watched live: the page stays readable, and does not stand still', async () => {
  const id = await plan500()
  await using opened = await browser.open(`/deployments/${id}`)
  const { page } = opened
  await page.locator('.square').nth(499).waitFor()

  const longestMs = await longestTaskMs(page, async () => {
    await walk(id, names.slice(0, 250))
    await page.getByText(/3 failed, 247 succeeded, 250 pending/).waitFor()
  })

  console.error(`250 hosts walked before the page's eyes; the longest task took ${Math.round(longestMs)} ms`)
  expect(longestMs).toBeLessThan(200)
  await takePicture(page, 'large-fleet')
  await expectAccessible(page)
  const failures = page.getByRole('region', { name: 'Hosts that need attention' })
  expect(await failures.locator('h2').allInnerTexts()).toEqual(['3 hosts failed in verify'])
  await failures.getByText('Error: listen EADDRINUSE').waitFor()
  await failures.getByText('3 hosts', { exact: true }).click()
  expect(await failures.getByRole('listitem').allInnerTexts()).toEqual([...failing])
  await failures.getByRole('link', { name: 'Show steps and log of web-033' }).waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Need attention' }).click()
  expect(await page.locator('.host-grid tbody th[scope="row"]').allInnerTexts()).toEqual([...failing])
  await page.getByRole('link', { name: 'Load balancers' }).click()
  expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe('501')
  expect(await page.locator('.server-grid tbody tr').first().innerText()).toContain('UP')
  await expectAccessible(page)
  const timelineMs = await longestTaskMs(page, async () => {
    await page.getByRole('link', { name: 'Timeline' }).click()
    await page.getByRole('region', { name: 'Hosts over time' }).hover()
    for (let turns = 0; turns < 10; turns += 1) await page.mouse.wheel(0, 3000)
  })
  console.error(`the timeline of 500 hosts: the longest task took ${Math.round(timelineMs)} ms`)
  expect(timelineMs).toBeLessThan(200)
  // Only what is in sight is in the document.
  expect(await page.locator('.timeline tbody tr').count()).toBeLessThan(100)
})

test('the list and a deployment to 500 hosts are seen soon, compared with a page that is only text', async () => {
  const id = await plan500()
  await walk(id, names.slice(0, 25))
  await using opened = await browser.open('/help/cli')
  const { page } = opened

  const text = await firstSightMs(page, '/help/cli', { shows: 'h1' })
  const list = await firstSightMs(page, '/', { shows: 'main a[href^="/deployments/"]' })
  const large = await firstSightMs(page, `/deployments/${id}`, { shows: '.square' })
  const slow = await firstSightMs(page, `/deployments/${id}`, { shows: '.square', slowdown: 4 })
  const asked = (await page.evaluate(
    "performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)",
  )) as string[]

  const inMs = [text, list, large, slow].map((ms) => `${Math.round(ms)} ms`)
  console.error(
    `largest paint: text ${inMs[0]}, list ${inMs[1]}, 500 hosts ${inMs[2]}, at a quarter of the speed ${inMs[3]}`,
  )
  // What was asked for ahead was taken.
  for (const path of ['/v1/session', `/v1/deployments/${id}`])
    expect(asked.filter((address) => address === path)).toEqual([path])
  expect(list / text).toBeLessThan(3)
  expect(large / text).toBeLessThan(4)
  expect(slow / text).toBeLessThan(6)
})

async function plan500(): Promise<string> {
  const { id } = await records.deployments.create({ spec: aSpec({ version: '5.0.0' }), requestedBy: 'ada' })
  const claim = await records.claims.claimDeployment(id, 'worker-1')
  const waveOf = (index: number) => waves.findIndex((_, wave) => index < sum(waves.slice(0, wave + 1))) + 1
  const target = (name: string) => ({ name, address: '10.0.0.1', port: 22, user: 'deploy', hostKeys: [] })
  const plan: Plan = {
    hosts: names.map((name, index) => ({
      target: target(name),
      servers: boxes.map((box) => ({ box, backend: 'web', server: name })),
      wave: waveOf(index),
    })),
    boxes: boxes.map(target),
    concurrency: 25,
    waves: waves.map((hosts) => ({ hosts, concurrency: 25 })),
    release: { strategy: 'command', id: '5.0.0' },
    warnings: [],
  }
  await claim.append({ type: 'deployment.planned', plan })
  return id
}

/** Tells of the whole walks of these hosts, 25 at once. */
async function walk(id: string, hosts: readonly string[]): Promise<void> {
  const waiting = [...hosts]
  const worker = async () => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) await walkHost(id, host)
  }
  await Promise.all(Array.from({ length: 25 }, worker))
}

async function walkHost(id: string, host: string): Promise<void> {
  await using claim = await records.claims.claimHost(id, host, 'worker-1')
  const hasFailed = failing.has(host)
  for (const step of stepNames.slice(0, hasFailed ? 6 : undefined)) {
    const outcome = hasFailed && step === 'verify' ? 'failed' : 'succeeded'
    await claim.append({ type: 'step.started', host, step })
    if (step === 'drain' || step === 'restore')
      await claim.append({ type: 'servers.seen', host, servers: serversOf(host, step === 'drain') })
    await claim.append({ type: 'step.ended', host, step, outcome, durationMs: 1200 })
  }
  if (hasFailed) {
    const log = ['payments: active (running)', 'Error: listen EADDRINUSE: address already in use :::8080']
    const failure = {
      code: 'HEALTH_CHECK_FAILED',
      message: `${host} was not healthy in 60s`,
      hint: 'Read its log.',
      log,
    }
    await claim.append({ type: 'host.ended', host, outcome: 'failed', traffic: 'drained', failure })
  } else await claim.append({ type: 'host.ended', host, outcome: 'succeeded', traffic: 'restored' })
}

function serversOf(server: string, isDrained: boolean): ServerState[] {
  return boxes.map((box) => ({
    box,
    backend: 'web',
    server,
    admin: isDrained ? 'drain' : 'ready',
    health: 'up',
    checked: true,
    weight: 100,
    initialWeight: 100,
    sessions: 0,
  }))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
