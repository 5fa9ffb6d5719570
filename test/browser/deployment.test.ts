import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeploymentView } from '@vesemir/contract'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLoad } from '../../infra/load/start-load.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { expectAccessible } from './support/accessibility.ts'
import { openBrowser, type TestBrowser } from './support/open-browser.ts'
import { takePicture } from './support/take-picture.ts'

let system: System
let browser: TestBrowser
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 4 } })
  const definition = await system.client.getApplication('payments')
  const limits = { maxRegression: { serverErrors: '20%' } }
  // A browser keeps a small machine busy: nothing here is about how soon a host is healthy.
  await system.client.putApplication({
    ...definition,
    healthCheck: { ...definition.healthCheck!, deadline: '60s' },
    loadBalancer: { ...definition.loadBalancer, guardTimeout: '60s', ...limits } as typeof definition.loadBalancer,
  })
  browser = await openBrowser(system)
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await system?.[Symbol.asyncDispose]()
})

test('a deployment is planned, started and watched to its end in the page', async () => {
  await system.release('1.0.0')
  await using opened = await browser.open('/')
  const { page } = opened

  await page.getByRole('link', { name: 'New deployment' }).click()
  await page.getByLabel('Application', { exact: true }).fill('payments')
  await page.getByLabel('Environment').fill('production')
  await page.getByLabel('Version').fill('1.0.0')
  await page.getByText('Settings of this deployment only').click()
  await page.getByLabel('Concurrency').fill('2')
  await page.getByRole('button', { name: 'Show plan' }).click()
  await page.getByRole('region', { name: 'Hosts of the plan' }).getByText('web-4').waitFor()
  await takePicture(page, 'plan')
  await page.getByRole('button', { name: /^Deploy payments/ }).click()
  await page.locator('.step[data-status="running"]').first().waitFor()
  const whileRunning = await page.locator('.sentence').innerText()
  await page.locator('.deployment-head .status').getByText('Succeeded').waitFor()

  expect(whileRunning).toMatch(/4 hosts: .*running/)
  const [id] = /d-\d+/.exec(page.url())!
  const { deployment, hosts } = await system.client.getDeployment(id)
  expect(deployment.state.status).toBe('succeeded')
  expect(await doneCells(opened.page)).toBe(hosts.flatMap(({ steps }) => steps).length)
  expect(await page.title()).toBe('payments 1.0.0 to production · Vesemir')
})

test('a host that fails tells why, and is retried after a question', async () => {
  const id = await failOn('web-2', '2.0.0')
  await using opened = await browser.open(`/deployments/${id}`)
  const { page } = opened

  const notice = page.getByRole('region', { name: 'Hosts that need attention' })
  expect(await notice.textContent()).toMatch(/web-2 failed in restart.*COMMAND_FAILED.*What to do:/)
  await expectAccessible(page)
  await takePicture(page, 'failed')
  await notice.getByRole('link', { name: 'Show steps and log' }).click()
  await page.getByRole('button', { name: 'First error' }).click()
  const current = page.locator('.line[data-current]')
  expect(await current.innerText()).toContain('failed')
  expect(new URL(page.url()).searchParams.get('line')).toMatch(/^\d+-\d+$/)
  await page.locator('.line[data-kind="stderr"]').getByText('no space left on web-2').waitFor()
  expect(await page.getByRole('region', { name: 'Log of web-2' }).innerText()).not.toContain('web-1')

  await rm(diskIsFull())
  await page.getByRole('region', { name: 'web-2' }).getByRole('button', { name: 'Retry web-2' }).click()
  const question = page.getByRole('dialog')
  await question.getByText('Deploys 2.0.0 to 1 host (web-2).').waitFor()
  await expectAccessible(page)
  await takePicture(page, 'retry-question')
  await question.getByRole('button', { name: 'Retry', exact: true }).click()
  await page.locator('.host-panel').getByText('Succeeded').waitFor()
  await until(id, ({ hosts }) => hosts[1]!.state.status === 'succeeded')
})

test('a host that failed is excluded for good after a question', async () => {
  const id = await failOn('web-3', '2.0.1')
  await using opened = await browser.open(`/deployments/${id}?host=web-3`)
  const { page } = opened
  await rm(diskIsFull())

  await page.locator('.host-panel').getByRole('button', { name: 'Exclude web-3' }).click()
  const question = page.getByRole('dialog')
  await question.getByText('web-3 stays as it is, and no longer counts as failed.').waitFor()
  await expectAccessible(page)
  await takePicture(page, 'exclude-question')
  await question.getByRole('button', { name: 'Exclude', exact: true }).click()
  await until(id, ({ deployment }) => deployment.state.status === 'succeeded')

  const { deployment, hosts } = await system.client.getDeployment(id)
  expect(deployment.excluded).toEqual(['web-3'])
  expect(hosts[2]!.state.status).toBe('failed')
  await system.client.commandDeployment(id, { command: 'retry', hosts: ['web-3'] })
  await until(id, ({ hosts }) => hosts[2]!.state.status === 'succeeded')
})

test('a host that failed is retried from the queue dashboard, and the page tells of it', async () => {
  const id = await failOn('web-3', '2.1.0')
  await using watching = await browser.open(`/deployments/${id}?host=web-3`)
  await using queues = await browser.open(`/queues/queue/hosts-local/${id}~web-3`)

  await rm(diskIsFull())
  // bull-board's buttons have no names: the first of a failed job is the one that retries it, as the question then says.
  await queues.page.locator('main ul li button').first().click()
  const question = queues.page.getByRole('alertdialog')
  await question.getByText('retry this job').waitFor()
  await question.getByRole('button', { name: 'Confirm' }).click()
  await watching.page.locator('.host-panel').getByText('Succeeded').waitFor()

  const { events } = await system.client.listEvents(id)
  const requeued = events.filter(({ type }) => type === 'hosts.requeued')
  expect(requeued).toMatchObject([{ by: 'tester', hosts: ['web-3'] }])
})

test('an application is rolled back from its page, or an earlier version planned, after a question that names versions and hosts', async () => {
  const deploy = async (version: string) => {
    await system.release(version)
    const id = await start({ version, concurrency: 4, acceptLowCapacity: true })
    await until(id, ({ deployment }) => deployment.state.status === 'succeeded')
    return id
  }
  await deploy('2.2.0')
  await deploy('2.3.0')
  const id = await deploy('2.4.0')
  await using opened = await browser.open('/applications/payments')
  const { page } = opened
  const question = page.getByRole('dialog')

  await page.getByRole('button', { name: 'Roll back…' }).click()
  await question.getByText('From 2.4.0 to 2.3.0 on 4 hosts (web-1, web-2, web-3, web-4).').waitFor()
  await expectAccessible(page)
  await takePicture(page, 'roll-back-question')
  await question.getByLabel('Version').selectOption('2.2.0')
  await question.getByText('2.2.0 is deployed again').waitFor()
  await question.getByRole('button', { name: 'Show plan' }).click()
  await page.getByRole('button', { name: 'Deploy payments 2.2.0 to production' }).waitFor()
  await page.goBack()
  await page.getByRole('button', { name: 'Roll back…' }).click()
  await question.getByRole('button', { name: 'Roll back', exact: true }).click()
  await page.locator('.deployment-head .status').getByText('Rolled back').waitFor()

  const { deployment } = await system.client.getDeployment(id)
  expect(deployment.state.status).toBe('rolled-back')
})

test('hosts that are behind are asked what they run, and get what should run', async () => {
  const { fleet } = system
  await fleet.updateNode('web-4', (node) => ({ ...node, chef_environment: 'gone' }))
  await system.release('2.5.0')
  const since = await start({ version: '2.5.0' })
  await until(since, ({ deployment }) => deployment.state.status === 'succeeded')
  await fleet.updateNode('web-4', (node) => ({ ...node, chef_environment: fleet.environment }))
  await using opened = await browser.open('/applications/payments')
  const { page } = opened
  const question = page.getByRole('dialog')

  await page.getByRole('button', { name: 'Converge 1 host…' }).click()
  await question.getByText(`2.5.0 should run on all hosts since ${since}.`).waitFor()
  await question.getByText(/web-4: runs/).waitFor()
  await expectAccessible(page)
  await takePicture(page, 'converge-question')
  await question.getByRole('button', { name: 'Deploy to 1 host' }).click()
  await page.locator('.deployment-head .status').getByText('Succeeded').waitFor()

  const { deployments } = await system.client.listDeployments({ limit: 1 })
  expect(deployments).toMatchObject([{ spec: { only: 'behind', version: '2.5.0' }, counts: { succeeded: 1 } }])
})

test('the page of an application says on what schedule its hosts get what should run', async () => {
  const definition = await system.client.getApplication('payments')
  const environments = { production: { ...definition.environments?.production, converge: { every: '7d' } } }
  await system.client.putApplication({ ...definition, environments })
  await using opened = await browser.open('/applications/payments?environment=production')

  const sentence = await opened.page.getByText(/^Converges every 7d, /).innerText()
  await expectAccessible(opened.page)

  expect(sentence).toMatch(/, in the name of tester; (?:first round in a few seconds|next round at [\d :-]+)\./)

  await system.client.putApplication(definition)
})

test('a canary waits for approval, and the rest goes on when it is given', async () => {
  await system.release('3.0.0', { failEvery: 2 })
  await using _load = startLoad({ urls: system.fleet.frontends, requestsPerSecond: 80, slowShare: 0 })
  const id = await start({
    version: '3.0.0',
    concurrency: [1, 3],
    acceptLowCapacity: true,
    changes: { compareUrl: 'https://git.example/payments/compare/v{from}...v{to}' },
    rollout: { gates: [{ afterWave: 1, wait: 'approval' }] },
  })
  await using opened = await browser.open(`/deployments/${id}`)
  const { page } = opened

  await page.locator('.deployment-head .status').getByText('Needs approval').waitFor()
  await expectAccessible(page)
  expect(await page.locator('.changes').innerText()).toContain('concurrency')
  expect(await page.getByRole('link', { name: 'Compare', exact: true }).getAttribute('href')).toMatch(
    /^https:\/\/git\.example\/payments\/compare\/v.+\.\.\.v3\.0\.0$/,
  )
  await takePicture(page, 'approval')
  const peers = page.getByRole('region', { name: 'Updated servers beside the old version' })
  await peers.getByText(/Updated servers of payments perform worse/).waitFor()
  expect(await peers.innerText()).toMatch(/1 updated: 5xx [345]\d\.\d%, .*; 3 of the old version: 5xx 0\.0%/)
  const plot = await peers.getByRole('img', { name: /^5xx: / }).getAttribute('aria-label')
  expect(plot).toMatch(/^5xx: updated [1-9]\d\.\d%, old version 0\.0% at the end$/)
  await expectAccessible(page)
  await takePicture(peers, 'peers')
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.setViewportSize({ width: 390, height: 900 })
  await expectAccessible(page)
  await takePicture(peers, 'peers-narrow')
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('link', { name: 'Timeline' }).click()
  await page
    .getByRole('region', { name: 'Timeline' })
    .getByRole('img', { name: /^5xx: / })
    .waitFor()
  await expectAccessible(page)
  await takePicture(page.getByRole('region', { name: 'Timeline' }), 'peers-timeline')
  expect((await system.client.getDeployment(id)).deployment.counts).toMatchObject({ succeeded: 1, pending: 3 })
  await page.getByRole('button', { name: 'Reject' }).click()
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.locator('.deployment-head .status').getByText('Succeeded').waitFor()

  expect((await system.client.getDeployment(id)).deployment.counts.succeeded).toBe(4)
  expect(await page.locator('.gate').innerText()).toContain('passed')
})

test('what cannot be undone is asked about first, and the keyboard is enough for it', async () => {
  await system.release('4.0.0')
  const id = await start({
    version: '4.0.0',
    concurrency: [1, 3],
    acceptLowCapacity: true,
    rollout: { gates: [{ afterWave: 1, wait: 'approval' }] },
  })
  await until(id, ({ deployment }) => deployment.state.status === 'gated')
  await using opened = await browser.open(`/deployments/${id}`)
  const { page } = opened

  await page.getByRole('button', { name: 'Cancel' }).press('Enter')
  await page.keyboard.type('not today')
  const before = (await system.client.getDeployment(id)).deployment.state.status
  await page.keyboard.press('Enter')
  await page.locator('.deployment-head .status').getByText('Cancelled').waitFor()

  expect(before).toBe('gated')
  const { state } = (await system.client.getDeployment(id)).deployment
  expect(state).toMatchObject({ status: 'cancelled', failure: { message: expect.stringContaining('not today') } })
})

test('the browser notifies of the end, once allowed, while the page is out of sight', async () => {
  await system.release('5.0.0')
  const gates = [{ afterWave: 0, wait: 'approval' as const }]
  const id = await start({ version: '5.0.0', concurrency: 4, acceptLowCapacity: true, rollout: { gates } })
  await until(id, ({ deployment }) => deployment.state.status === 'gated')
  await using opened = await browser.open(`/deployments/${id}`)
  const { page, context } = opened
  const button = page.getByRole('button', { name: 'Notify me when it ends' })

  await button.click()
  await page
    .locator('#main')
    .getByText(/The browser refuses notifications|Notifications were not allowed/)
    .waitFor()
  const whenRefused = await button.getAttribute('aria-pressed')
  await context.grantPermissions(['notifications'])
  await page.addInitScript(keepNotifications)
  await button.click()
  await page.getByText('Keep this page open').waitFor()
  await expectAccessible(page)
  await page.reload()
  await button.waitFor()
  const afterReload = await button.getAttribute('aria-pressed')
  // A page out of sight has no frames.
  await page.evaluate('window.requestAnimationFrame = () => 0')
  await system.client.commandDeployment(id, { command: 'cancel' })
  await expect
    .poll(() => page.evaluate('notifications'), { timeout: 20_000 })
    .toEqual([{ title: 'payments 5.0.0 to production: cancelled', tag: id }])

  expect([whenRefused, afterReload]).toEqual(['false', 'true'])
  expect(await page.evaluate(`localStorage.getItem('vesemir.notify.${id}')`)).toBeNull()
})

const keepNotifications = `window.notifications = []
window.Notification = class extends Notification {
  constructor(title, options) {
    super(title, options)
    notifications.push({ title, tag: options.tag })
  }
}`

/** Deploys to all hosts; this one cannot be restarted for as long as the file is there. Gives the failed deployment. */
async function failOn(host: string, version: string): Promise<string> {
  await system.release(version)
  await writeFile(diskIsFull(), '')
  const command = `if [ $VESEMIR_HOST = ${host} ] && [ -e ${diskIsFull()} ]; then echo "no space left on ${host}" >&2; exit 28; fi`
  const id = await start({ version, concurrency: 2, hooks: { beforeRestart: [command] } })
  await until(id, ({ deployment }) => deployment.state.status === 'failed')
  return id
}

function diskIsFull(): string {
  return join(system.fleet.dir, 'disk-is-full')
}

type Request = Omit<Parameters<System['client']['createDeployment']>[0], 'application' | 'environment'>

async function start(request: Request): Promise<string> {
  const { application, environment } = system.fleet
  const { id } = await system.client.createDeployment({ application, environment, ...request })
  return id
}

function until(id: string, holds: (view: DeploymentView) => boolean): Promise<void> {
  return expect.poll(async () => holds(await system.client.getDeployment(id)), { timeout: 60_000 }).toBe(true)
}

function doneCells(page: Page): Promise<number> {
  return page.locator('.step[data-status="succeeded"], .step[data-status="skipped"]').count()
}
