import { gzipSync } from 'node:zlib'
import { Redis } from 'ioredis'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startSystem, type System } from '../support/start-system.ts'
import { expectAccessible } from './support/accessibility.ts'
import { openBrowser, type TestBrowser } from './support/open-browser.ts'
import { takePicture } from './support/take-picture.ts'
import { takeSheet } from './support/take-sheet.ts'

let system: System
let browser: TestBrowser
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 6 } })
  browser = await openBrowser(system)
  const { application, environment } = system.fleet
  await system.release('1.0.0')
  await system.release('1.1.0', { unhealthy: true })
  const waves = ['--set', 'concurrency=[1, 2, 3]']
  const tasks = '[{name: migrate, when: before, command: ./migrate}, {name: smoke, when: after, command: "true"}]'
  const gates = 'rollout.gates=[{afterWave: 1, wait: 2s}]'
  const withTasks = [...waves, '--set', `tasks=${tasks}`, '--set', gates]
  await system.cli('deploy', application, '-e', environment, '--version', '1.0.0', ...withTasks)
  await system.cli('deploy', application, '-e', environment, '--version', '1.1.0', ...waves)
  await system.client.putLock({ application: 'ledger', environment }, 'the year is being closed')
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await system?.[Symbol.asyncDispose]()
})

interface Shown {
  path: string
  /** What shows that the page is there. */
  shows: string
  /** Where a picture of it begins. */
  from?: string
}

/** Every page. */
const pages = {
  overview: { path: '/', shows: 'drifted' },
  deployments: { path: '/deployments', shows: 'payments 1.1.0' },
  filtered: { path: '/?status=queued', shows: 'No deployments match these filters' },
  deployment: { path: '/deployments/d-1', shows: 'Succeeded' },
  'failed-host': { path: '/deployments/d-2?host=web-1', shows: 'HEALTH_CHECK_FAILED' },
  'task-log': { path: '/deployments/d-1?task=migrate', shows: 'the schema is at version 1.0.0' },
  'load-balancers': { path: '/deployments/d-1?show=servers', shows: 'Backend payments' },
  timeline: { path: '/deployments/d-1?show=timeline', shows: 'never below', from: '.panels' },
  'timeline-table': { path: '/deployments/d-2?show=timeline&as=table', shows: 'What happened' },
  request: { path: '/deployments/d-1?show=request', shows: 'All settings' },
  compare: { path: '/compare/d-1/d-2', shows: 'Step, median of hosts' },
  'new-deployment': { path: '/deployments/new?application=payments', shows: 'Show plan' },
  applications: { path: '/applications', shows: 'The sample application' },
  application: { path: '/applications/payments', shows: 'expected 1.0.0, deployed by d-1' },
  locks: { path: '/locks', shows: 'the year is being closed' },
  statistics: { path: '/statistics', shows: 'Step verify' },
  workers: { path: '/workers', shows: 'Working' },
  audit: { path: '/audit?action=putLock&application=ledger', shows: 'Before and after' },
  missing: { path: '/nowhere/at/all', shows: 'No page at this address' },
  'missing-deployment': { path: '/deployments/d-999', shows: 'DEPLOYMENT_UNKNOWN' },
} satisfies Record<string, Shown>

test.each(Object.entries<Shown>(pages))(
  '%s is accessible, light and dark, and fits a narrow screen',
  async (name, { path, shows, from }) => {
    await using opened = await browser.open(path)
    const { page } = opened
    await page.getByText(shows).first().waitFor()

    await expectAccessible(page)
    await page.emulateMedia({ colorScheme: 'dark' })
    await expectAccessible(page, ['color-contrast'])
    await page.setViewportSize({ width: 390, height: 844 })
    await expectAccessible(page, ['target-size', 'scrollable-region-focusable'])
    expect(await widthOf(page)).toBeLessThanOrEqual(390)
    await takeSheet(page, `${name}-sheet`, { from })
  },
)

test('the page of an application shows the badge of its environment, and copies the Markdown of it', async () => {
  const { application, environment } = system.fleet
  await using opened = await browser.open(`/applications/${application}?environment=${environment}`)
  const { page, context } = opened
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const badge = page.getByRole('region', { name: 'Badge' })
  const image = badge.getByRole('img', { name: `Badge of ${application} in ${environment}` })
  await image.waitFor()

  await badge.getByRole('button', { name: 'Copy the Markdown of the badge' }).click()
  await badge.getByRole('button', { name: 'Copied' }).waitFor()

  const address = `${system.url}/v1/applications/${application}/environments/${environment}/badge.svg`
  const target = `${system.url}/applications/${application}?environment=${environment}`
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
    `[![${application} in ${environment}](${address})](${target})`,
  )
  // A picture that was not loaded has no width of its own.
  await expect
    .poll(() => image.evaluate((shown) => (shown as { naturalWidth?: number }).naturalWidth))
    .toBeGreaterThan(50)
  expect((await context.request.get('/help/how-to/badge')).status()).toBe(200)
})

test('a version of another environment is promoted: its plan is shown, and nothing has begun', async () => {
  const redis = new Redis(system.fleet.redisUrl)
  onTestFinished(() => redis.disconnect())
  const { application } = system.fleet
  const wanted = { deployment: 'd-1', release: '1.0.1', version: '1.0.1', since: new Date().toISOString() }
  await system.release('1.0.1')
  await redis.hset(`vesemir:wanted:${application}`, 'staging', JSON.stringify(wanted))
  const before = await system.client.listDeployments()
  await using opened = await browser.open('/')
  const { page } = opened

  await page.getByRole('link', { name: 'Promote 1.0.1 from staging to production' }).click()
  await page.getByRole('region', { name: 'Hosts of the plan' }).getByText('web-6').waitFor()
  await page.getByRole('button', { name: `Deploy ${application} 1.0.1 to production` }).waitFor()

  expect(await page.getByLabel('Reason (optional)').inputValue()).toBe('promoted from staging')
  expect(await system.client.listDeployments()).toEqual(before)
})

test('a host that a deployment began to change says what it may run, and is not as expected', async () => {
  const redis = new Redis(system.fleet.redisUrl)
  const { application, environment } = system.fleet
  const place = [`vesemir:releases:${application}:begun`, `${environment}/web-6`] as const
  onTestFinished(async () => {
    await redis.hdel(...place)
    redis.disconnect()
  })
  const begun = { release: '1.1.0', version: '1.1.0', deployment: 'd-2', at: new Date().toISOString() }
  await redis.hset(...place, JSON.stringify(begun))

  await using opened = await browser.open(`/applications/${application}?environment=${environment}`)

  const row = opened.page.getByRole('row', { name: 'web-6' })
  await row.getByText('may run 1.1.0').waitFor()
  expect(await row.innerText()).toContain('d-2 began to deploy it, and what came of that is not known')
  await opened.page.getByText('1.0.0 or 1.1.0 on 1 host').waitFor()
})

/** Scripts that a page needs before it is there, gzipped. */
const budgets = [
  ['/', 'drifted', 105_000],
  ['/deployments/d-1', 'Succeeded', 130_000],
  ['/deployments/new', 'Show plan', 145_000],
] as const

test.each(budgets)('%s is there with little script', async (path, shows, mostBytes) => {
  await using opened = await browser.open('/sign-in')
  const { page } = opened
  const scripts: Promise<Buffer>[] = []
  page.on('response', (answer) => {
    if (new URL(answer.url()).pathname.endsWith('.js')) scripts.push(answer.body())
  })
  await page.goto(path)
  await page.getByText(shows).first().waitFor()

  const bytes = (await Promise.all(scripts)).reduce((sum, body) => sum + gzipSync(body).length, 0)
  console.error(`${path} needs ${bytes} bytes of script`)
  expect(bytes).toBeGreaterThan(50_000)
  expect(bytes).toBeLessThan(mostBytes)
})

test('a deployment is compared with the one before', async () => {
  await using opened = await browser.open('/deployments/d-2')
  const { page } = opened

  await page.getByRole('link', { name: 'Compare with the one before' }).click()
  const hosts = page.getByRole('region', { name: 'Host', exact: true })
  await hosts.waitFor()

  expect(new URL(page.url()).pathname).toBe('/compare/d-1/d-2')
  expect(await page.getByRole('row', { name: 'version' }).innerText()).toMatch(/1\.0\.0\s+1\.1\.0/)
  expect(await hosts.getByRole('row', { name: 'web-1' }).innerText()).toContain('HEALTH_CHECK_FAILED')
})

test('on the timeline the arrow keys go from step to step and from host to host, and a tap finds the nearest', async () => {
  await using opened = await browser.open('/deployments/d-1?show=timeline')
  const { page } = opened
  const details = (hasText: RegExp) => page.locator('.bar-details', { hasText })
  const lane = (name: string) => page.getByRole('slider', { name })

  await lane('Deployment').focus()
  await page.keyboard.press('End')
  await details(/Deployment\s+running, for/).waitFor()
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key)
  await details(/^web-1\s+guard done in/).waitFor()
  expect(await lane('web-1').getAttribute('aria-valuetext')).toMatch(/^guard done in/)
  await lane('web-6').click({ position: { x: 1, y: 10 } })
  await details(/^web-6\s+connect done in/).waitFor()
  await takePicture(page.locator('.panels'), 'timeline')
  await page.getByRole('link', { name: 'Show as table' }).click()
  const rows = page.getByRole('region', { name: 'What happened on each host' }).getByRole('row')
  await expect.poll(() => rows.filter({ hasText: 'web-2' }).count()).toBe(9)
})

test('deployments are found by what is typed, and the address finds them again', async () => {
  await using opened = await browser.open('/deployments')
  const { page } = opened
  const rows = page.locator('.deployments tbody th')

  await page.getByLabel('Words').fill('payments 1.0.0')
  await page.getByLabel('Host', { exact: true }).fill('web-6')
  await page.getByLabel('From').fill('2020-01-01')
  await page.getByRole('button', { name: 'Search' }).click()
  await expect.poll(() => rows.allInnerTexts()).toEqual([expect.stringContaining('d-1')])
  await page.reload()
  await rows.first().waitFor()

  expect(await rows.count()).toBe(1)
  expect(await page.getByLabel('Words').inputValue()).toBe('payments 1.0.0')
  await page.getByLabel('To').fill('2020-01-02')
  await page.keyboard.press('Enter')
  await page.getByText('No deployments match these filters').waitFor()
})

test('on a narrow screen, failures come first, and most fields are folded away, with how many are set', async () => {
  await using opened = await browser.open('/deployments?text=payments')
  const { page } = opened
  await page.setViewportSize({ width: 390, height: 844 })
  await page.reload()
  await page.getByText('More filters (1 set)').click()
  const words = await page.getByLabel('Words').inputValue()

  await page.getByText('More filters').click()
  await page.getByText('Clear filters').click()

  await page.getByRole('table', { name: 'Deployments, failed first, then newest first' }).waitFor()
  await page.getByLabel('Words').waitFor({ state: 'hidden' })
  await page.getByText('More filters').click()
  await page.getByLabel('Words').waitFor()
  expect([words, await page.getByLabel('Words').inputValue()]).toEqual(['payments', ''])
})

test('whoever is not signed in is asked for a token, and then sees what they came for', async () => {
  await using opened = await browser.open('/locks')
  const { page, context } = opened
  await context.clearCookies()
  await page.reload()

  await page.getByLabel('Token').fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('UNAUTHENTICATED').waitFor()
  await expectAccessible(page)
  await page.getByLabel('Token').fill(system.token)
  await page.keyboard.press('Enter')
  await page.getByText('the year is being closed').waitFor()

  expect(await page.evaluate('document.cookie')).toBe('')
})

test('a place is locked and unlocked', async () => {
  await using opened = await browser.open('/locks')
  const { page } = opened

  await page.getByLabel('Application', { exact: true }).fill('payments')
  await page.getByLabel('Environment').fill('staging')
  await page.getByLabel('Reason').fill('a test of locks')
  await page.getByRole('button', { name: 'Lock', exact: true }).click()
  await page.getByText('a test of locks').waitFor()
  const { locks } = await system.client.listLocks()
  await page.getByRole('button', { name: 'Unlock payments in staging' }).click()
  await page.getByText('a test of locks').waitFor({ state: 'detached' })

  expect(locks).toContainEqual(expect.objectContaining({ environment: 'staging', reason: 'a test of locks' }))
})

test('marks that change the reading direction are shown as escapes, whoever wrote them', async () => {
  const { application, environment } = system.fleet
  const where = { application: 'billing', environment }
  await system.client.putLock(where, 'closed until \u202Eyadnom')
  const { id } = await system.client.createDeployment({
    application,
    environment,
    version: '1.0.0',
    reason: 'back to \u202E0.0.1',
  })
  await using opened = await browser.open('/locks')
  const { page } = opened

  await page.getByText('closed until \\u202eyadnom').waitFor()
  await page.goto(`/deployments/${id}`)
  await page.locator('.deployment-head').getByText('“back to \\u202e0.0.1”').waitFor()
  await page
    .locator('.log')
    .getByText(/requested by .*: back to \\u202e0\.0\.1/)
    .waitFor()

  expect(await page.locator('body').innerText()).not.toContain('\u202E')
})

function widthOf(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth')
}
