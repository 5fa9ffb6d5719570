import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSystem, type System } from '../support/start-system.ts'
import { expectAccessible } from './support/accessibility.ts'
import { openBrowser, type TestBrowser } from './support/open-browser.ts'

let system: System
let browser: TestBrowser
let redis: Redis
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 2 } })
  browser = await openBrowser(system)
  redis = new Redis(system.fleet.redisUrl)
  await system.release('1.0.0')
})
afterAll(async () => {
  redis?.disconnect()
  await browser?.[Symbol.asyncDispose]()
  await system?.[Symbol.asyncDispose]()
})

const patient = { timeout: 20_000 }

test('API, command line and page say that the record of a deployment is incomplete', async () => {
  const { application, environment } = system.fleet
  await system.cli('deploy', application, '-e', environment, '--version', '1.0.0')
  const whole = await system.client.getDeployment('d-1')
  const before = await system.cli('status', 'd-1')

  const events = await redis.xrange('vesemir:deployment:d-1:events', '-', '+')
  await redis.xdel('vesemir:deployment:d-1:events', events.at(-2)![0])

  const readIncomplete = async () => (await system.client.getDeployment('d-1')).incomplete
  await expect.poll(readIncomplete, patient).toMatchObject({ code: 'ORDER_FORGED' })
  const { stdout } = await system.cli('status', 'd-1')
  await using opened = await browser.open('/deployments/d-1')
  const { page } = opened
  await page.getByRole('heading', { name: 'The record of this deployment is incomplete' }).waitFor()
  await page.getByText('are missing from the record of d-1').waitFor()
  await expectAccessible(page)
  expect(stdout).toContain('The record of this deployment is incomplete: events of')
  expect(before.stdout).not.toContain('incomplete')
  expect(whole).not.toHaveProperty('incomplete')
})
