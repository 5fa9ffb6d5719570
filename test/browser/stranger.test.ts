import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSystemClock } from '@vesemir/process/clock'
import { createRecords, type Records } from '@vesemir/store/record'
import { Redis } from 'ioredis'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSystem, type System } from '../support/start-system.ts'
import { countClicks } from './support/count-clicks.ts'
import { expectAccessible } from './support/accessibility.ts'
import { openBrowser, type TestBrowser } from './support/open-browser.ts'
import { sealsOf } from './support/seals-of.ts'
import { takePicture } from './support/take-picture.ts'
import { takeSheet } from './support/take-sheet.ts'
import { writeDecision, writeFailedRollout, writeGate } from './support/write-rollouts.ts'

/** Its cluster has no worker: what is asked for there stays asked for. */
const idle = { application: 'payments', environment: 'staging', cluster: 'idle' } as const

let system: System
let redis: Redis
let records: Records
let browser: TestBrowser
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 2 } })
  redis = new Redis(system.fleet.redisUrl)
  records = createRecords(redis, { clock: createSystemClock(), seals: await sealsOf(system) })
  browser = await openBrowser(system)
  const { application, environment } = system.fleet
  await Promise.all([system.release('1.0.0'), system.release('1.1.0')])
  await system.cli('deploy', application, '-e', environment, '--version', '1.0.0', '--set', 'concurrency=2')
  await writeGate(records, { ...idle, environment: 'qa' })
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await records?.[Symbol.asyncDispose]()
  redis?.disconnect()
  await system?.[Symbol.asyncDispose]()
})

interface Task {
  /** Returns the address at which the task begins. */
  begin: () => string | Promise<string>
  /** Does the task as someone would who has not seen the page before, and checks that it is done. */
  act: (page: Page) => Promise<unknown>
  /** The picture of docs/page-pictures.md that is taken at its end. */
  picture?: string
  /** Where the picture begins. */
  from?: string
}

const rollout = async () => `/deployments/${await writeFailedRollout(records, idle)}`

/** What people do, by its name in docs/page.md. */
const tasks: Record<string, Task> = {
  'Find why 34 of 200 hosts failed': {
    async begin() {
      await rollout()
      return '/'
    },
    async act(page) {
      const row = page.getByRole('row').filter({ hasText: 'failed on 34 of 200 hosts' })
      await row.getByRole('link', { name: /^2\.0\.0 · d-\d+$/ }).click()
      const causes = page.getByRole('region', { name: 'Hosts that need attention' })
      await causes.getByText('address already in use').waitFor()
      const titles = await causes.locator('h2').allInnerTexts()
      expect(titles).toEqual(['31 hosts failed in verify', '3 hosts failed in deploy'])
    },
    picture: 'failures-sheet',
  },
  'Retry the failed hosts': {
    begin: rollout,
    async act(page) {
      await page.getByRole('button', { name: 'Retry 34 hosts' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Retry', exact: true }).click()
      await page.getByRole('heading', { name: /^Retry/ }).waitFor()
    },
  },
  'Roll back to the last good version': {
    begin: rollout,
    async act(page) {
      await page.getByRole('button', { name: 'Roll back' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click()
      await page.getByRole('heading', { name: /^Rollback/ }).waitFor()
    },
  },
  'See what needs you': {
    begin: () => '/',
    act: (page) => page.getByText('payments 2.1.0 to qa: waiting for approval').waitFor(),
  },
  'See what runs where': {
    begin: () => '/',
    picture: 'home-sheet',
    async act(page) {
      const row = page.getByRole('row', { name: 'payments production' })
      await row.getByText('2 hosts').waitFor()
      expect(await row.innerText()).toContain('1.0.0')
    },
  },
  'See what runs on each host': {
    begin: () => '/',
    async act(page) {
      await page
        .getByRole('row', { name: 'payments production' })
        .getByRole('link', { name: 'payments', exact: true })
        .click()
      await page.getByRole('row').filter({ hasText: 'web-2' }).getByText('1.0.0').waitFor()
    },
  },
  'See who deployed last week': {
    picture: 'list-sheet',
    begin: () => '/',
    async act(page) {
      const week = 7 * 24 * 3600_000
      await page.clock.setFixedTime(Date.now() + week)
      await page.getByRole('link', { name: 'Deployments', exact: true }).click()
      await page.getByRole('link', { name: 'Last week' }).click()
      await page.waitForURL(/since=\d{4}-\d\d-\d\d&until=/)
      await page.getByRole('row').filter({ hasText: '1.0.0' }).getByText('tester').waitFor()
    },
  },
  'See what changes in a plan': {
    picture: 'plan-sheet',
    from: '.plan',
    begin: () => '/deployments/new?application=payments&environment=production&version=1.1.0&plan=now',
    async act(page) {
      const changes = page.locator('.plan .changes')
      await changes.getByText('1.0.0 on 2 hosts → 1.1.0').waitFor()
      await changes.getByText(/^concurrency/).waitFor()
      await expectAccessible(page)
    },
  },
}

const table = readFileSync(join(import.meta.dirname, '../../docs/page.md'), 'utf8')
const [, section = ''] = /^## Common tasks, in clicks\n([^]*?)^## /m.exec(table) ?? []
const rows = [...section.matchAll(/^\| ([A-Z][^|]*) \|[^|]*\| (\d+) \|/gm)].map(
  ([, task, clicks]) => [task!, Number(clicks)] as const,
)

test('the documentation says the clicks of each of these tasks, and of no others', () => {
  expect(rows.map(([task]) => task)).toEqual(Object.keys(tasks))
})

test.each(rows)('%s: %i clicks', async (name, clicks) => {
  const { begin, act, picture, from } = tasks[name]!
  await using opened = await browser.open(await begin())
  const { page } = opened
  await page.getByRole('heading', { level: 1 }).waitFor()
  const readClicks = await countClicks(page)

  await act(page)

  expect(await readClicks()).toBe(clicks)
  if (picture !== undefined) await takeSheet(page, picture, { from })
})

test('every question that a deployment asks is accessible', async () => {
  const id = await writeDecision(records, { ...idle, environment: 'load' })
  await using opened = await browser.open(`/deployments/${id}`)
  const { page } = opened
  const question = page.getByRole('dialog')
  const commands = page.getByRole('group', { name: 'Commands' })
  await commands.waitFor()
  const asking = (await commands.getByRole('button').allInnerTexts()).filter((label) => label.endsWith('…'))

  for (const name of asking) {
    await commands.getByRole('button', { name, exact: true }).click()
    await question.waitFor()
    await expectAccessible(page)
    await page.emulateMedia({ colorScheme: 'dark' })
    await expectAccessible(page, ['color-contrast'])
    await page.emulateMedia({ colorScheme: 'light' })
    await takePicture(page, `question-${name.slice(0, -1)}`)
    await page.keyboard.press('Escape')
    await question.waitFor({ state: 'detached' })
  }

  expect(asking).toEqual(['Skip failed hosts…', 'Roll back…', 'Cancel…'])
})
