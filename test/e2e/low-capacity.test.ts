import { afterAll, beforeAll, expect, test } from 'vitest'
import { deploy } from '../support/deploy.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { untruths } from '../support/untruths.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 3 } })
  await system.release('1.0.0')
})
afterAll(() => system?.[Symbol.asyncDispose]())

const atOnce = ['--concurrency', '100%']

test('a plan says what stays in service against the load of now, and that a yes will be demanded', async () => {
  const { exit, stdout } = await deploy(system, '1.0.0', '--dry-run', ...atOnce)

  expect(exit).toBe(0)
  expect(stdout).toMatch(/warning: lb-1 payments: at least 1 of 3 servers in service; load now: /)
  expect(stdout).toContain('needs --yes: less than half of a backend would stay in service')
})

test('a deployment that leaves less than half ends before any drain, unless that is accepted', async () => {
  const refused = await deploy(system, '1.0.0', ...atOnce)
  const accepted = await deploy(system, '1.0.0', '--yes', ...atOnce)

  expect(refused.exit).toBe(5)
  expect(refused.view!.deployment.state).toMatchObject({ status: 'failed', failure: { code: 'CAPACITY_LOW' } })
  expect(await untruths(system.fleet, refused.view!)).toEqual([])
  expect(accepted.exit).toBe(0)
  expect(accepted.view!.deployment.spec.acceptLowCapacity).toBe(true)
})
