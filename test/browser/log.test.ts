import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../infra/fleet/wait-for.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { expectAccessible } from './support/accessibility.ts'
import { openBrowser, type TestBrowser } from './support/open-browser.ts'
import { longestTaskMs } from './support/longest-task.ts'
import { takePicture } from './support/take-picture.ts'

const lineCount = 100_000
/** At a pace that the record keeps up with: what comes faster is left out of the log, and said to be. */
const talk = [
  "for part in $(seq 0 499); do seq -f 'line %06g of the build' $((part * 200 + 1)) $((part * 200 + 200)); sleep 0.03; done",
  "echo 'no such table' >&2",
  'exit 3',
].join('; ')

let system: System
let browser: TestBrowser
let id: string
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 1 } })
  browser = await openBrowser(system)
  id = await deployWith(talk)
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await system?.[Symbol.asyncDispose]()
})

test('a log of 100,000 lines is read, searched and scrolled without a stutter', async () => {
  await using opened = await browser.open('/')
  const { page } = opened
  let readMs = 0

  const longestMs = await longestTaskMs(page, async () => {
    const startedMs = performance.now()
    await page.goto(`/deployments/${id}`)
    await page
      .locator('.log footer')
      .getByText(/^100,\d{3} lines/)
      .waitFor()
    readMs = performance.now() - startedMs
    await page.getByLabel('Search the log').fill('line 077777')
    await page.getByRole('search', { name: 'Log' }).getByText('1 found').waitFor()
    await page.keyboard.press('Enter')
    await page.locator('.line[data-current]').getByText('line 077777 of the build').waitFor()
    for (let turns = 0; turns < 20; turns += 1) await page.mouse.wheel(0, 3000)
  })

  console.error(
    `read ${lineCount} lines in ${Math.round(readMs)} ms; the longest task took ${Math.round(longestMs)} ms`,
  )
  await takePicture(page.locator('.log'), 'log')
  // Only what is in sight is in the document.
  expect(await page.locator('.line').count()).toBeLessThan(150)
  expect(longestMs).toBeLessThan(200)
})

test('a link to a line leads to it', async () => {
  await using opened = await browser.open(`/deployments/${id}`)
  await opened.page.getByLabel('Search the log').fill('line 054321')
  await opened.page.getByRole('search', { name: 'Log' }).getByText('1 found').waitFor()
  await opened.page.keyboard.press('Enter')
  await opened.page.locator('.line[data-current]').waitFor()
  await using shared = await browser.open(opened.page.url().replace(system.url, ''))

  expect(await shared.page.locator('.line[data-current]').innerText()).toContain('line 054321 of the build')
  expect(await shared.page.locator('.line[data-current]').isVisible()).toBe(true)
})

test('filters leave lines out, stand in the address, and what is shown is copied', async () => {
  await using opened = await browser.open(`/deployments/${id}?host=web-1`)
  const { page, context } = opened
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const footer = page.locator('.log footer')
  await footer.getByText(/^100,\d{3} lines/).waitFor()

  await page.getByRole('combobox', { name: 'Step' }).selectOption('deploy')
  await page.getByLabel('Search the log').fill('LINE 09999')
  await page.getByRole('button', { name: 'Only matches' }).click()
  await footer.getByText('10 lines shown').waitFor()
  await page.getByRole('button', { name: 'Wrap lines' }).click()
  await expectAccessible(page)
  await takePicture(page.locator('.log'), 'log-filtered')
  const { search } = new URL(page.url())
  await page.getByRole('button', { name: 'Copy the lines shown' }).click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  const copied = (await page.evaluate('navigator.clipboard.readText()')) as string
  await page.getByRole('link', { name: 'Show all lines' }).click()
  await page.getByRole('button', { name: 'Only stderr' }).click()
  await page.reload()
  await footer.getByText('1 line shown').waitFor()

  expect(search).toBe('?host=web-1&step=deploy&text=LINE+09999&lines=matching')
  expect(copied.split('\n').map((line) => line.split('\t').slice(1).join(' '))).toEqual([
    ...Array.from({ length: 10 }, (_, index) => `web-1 deploy line 09999${index} of the build`),
    '',
  ])
  expect(await page.locator('.line-text').innerText()).toContain('no such table')
  expect(await page.getByRole('button', { name: 'Wrap lines' }).getAttribute('aria-pressed')).toBe('false')
})

test('the first error is one key away, with the output that led to it', async () => {
  await using opened = await browser.open(`/deployments/${id}?host=web-1`)
  const { page } = opened
  await page
    .locator('.log footer')
    .getByText(/^100,\d{3} lines/)
    .waitFor()

  await page.getByRole('region', { name: 'Log of web-1' }).press('e')
  await page.locator('.line[data-current]').waitFor()

  expect(await page.locator('.line[data-current]').innerText()).toMatch(/deploy\s+error:\s+failed/)
  expect(await page.locator('.line[data-kind="stderr"]').last().innerText()).toContain('no such table')
})

test('the whole log is downloaded, each line once and in order', async () => {
  await using opened = await browser.open(`/deployments/${id}`)
  const { page } = opened
  await page
    .locator('.log footer')
    .getByText(/^100,\d{3} lines/)
    .waitFor()

  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download' }).click()
  const download = await downloading
  const numbers = (await readFile(await download.path(), 'utf8')).match(/(?<=line )\d{6}(?= of)/g)

  expect(download.suggestedFilename()).toBe(`${id}.log`)
  expect(numbers?.map(Number)).toEqual(Array.from({ length: lineCount }, (_, index) => index + 1))
})

/** Runs a deployment to its end whose changeset is this command. */
async function deployWith(command: string): Promise<string> {
  const { application, environment, appPort } = system.fleet
  const { id } = await system.client.createDeployment({
    application,
    environment,
    version: 'talkative',
    loadBalancer: { kind: 'none' },
    changeset: { strategy: 'command', commands: [command] },
    healthCheck: { kind: 'tcp', port: appPort, address: 'host' },
  })
  const hasFailed = async () => (await system.client.getDeployment(id)).deployment.state.status === 'failed'
  await waitFor(hasFailed, { what: `${id} has failed`, timeoutMs: 120_000 })
  return id
}
