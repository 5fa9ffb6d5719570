import { stepNames } from '@vesemir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readHosts } from '../../infra/demo/read-hosts.ts'
import { startLoad } from '../../infra/load/start-load.ts'
import { deploy } from '../support/deploy.ts'
import { startSystem, type System } from '../support/start-system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 4 }, workers: ['worker-1', 'worker-2'] })
})
afterAll(() => system?.[Symbol.asyncDispose]())

test('two versions are deployed while requests flow, and none of the requests fails', async () => {
  const { fleet } = system
  for (const version of ['1.0.0', '2.0.0']) await system.release(version)
  await using load = startLoad({ urls: fleet.frontends, requestsPerSecond: 50 })

  const first = await deploy(system, '1.0.0', '--concurrency', '2')
  const second = await deploy(system, '2.0.0', '--concurrency', '50%')

  const { total, failures, versions } = await load.stop()
  expect([first.exit, second.exit]).toEqual([0, 0])
  expect(failures).toEqual({})
  expect(total).toBeGreaterThan(100)
  expect(Object.keys(versions).toSorted()).toEqual(['0.9.0', '1.0.0', '2.0.0'])
  expect(await readHosts(fleet)).toEqual(
    fleet.hosts.map(({ name }) => ({ name, version: '2.0.0', state: 'ready', weight: 100 })),
  )
  for (const { steps, state } of second.view!.hosts) {
    expect(state).toMatchObject({ status: 'succeeded', traffic: 'restored' })
    expect(steps.map(({ step, status }) => [step, status])).toEqual(stepNames.map((step) => [step, 'succeeded']))
  }
})

test('what happened can be listed, shown and read again by the command line', async () => {
  await system.release('3.0.0')
  const { view } = await deploy(system, '3.0.0', '--concurrency', '100%', '--yes')
  const { id } = view!.deployment

  const [list, status, logs] = await Promise.all([
    system.cli('list', '--json'),
    system.cli('status', id),
    system.cli('logs', id, '--host', 'web-1'),
  ])

  expect([list.exit, status.exit, logs.exit]).toEqual([0, 0, 0])
  const { deployments } = JSON.parse(list.stdout) as { deployments: { id: string; state: { status: string } }[] }
  expect(deployments[0]).toMatchObject({ id, state: { status: 'succeeded' } })
  expect(status.stdout).toContain('succeeded  restored: lb-1 UP weight 100 · lb-2 UP weight 100')
  expect(logs.stdout).toMatch(/web-1 +restart +\| ok: run:/)
  expect(logs.stdout).not.toContain('web-2')
})

test('a plan says what would be done, of the fleet as it is, and does nothing', async () => {
  const { fleet, client } = system
  await system.release('3.5.0')
  const before = await readHosts(fleet)

  const order = { application: fleet.application, environment: fleet.environment, version: '3.5.0', concurrency: 3 }
  const { plan, servers, steps, estimateSeconds } = await client.createPlan(order)

  expect(plan.hosts.map(({ target }) => target.name)).toEqual(fleet.hosts.map(({ name }) => name))
  expect(plan).toMatchObject({ concurrency: 3, release: { strategy: 'artifact', sha256: expect.any(String) } })
  expect(servers).toHaveLength(fleet.hosts.length * fleet.boxes.length)
  expect(servers.every(({ admin, health }) => admin === 'ready' && health === 'up')).toBe(true)
  expect(steps.map(({ step }) => step)).toEqual(stepNames)
  expect(estimateSeconds).toBeGreaterThan(0)
  const served = new Set(before.map(({ version }) => version))
  expect(plan.changes?.running).toEqual([...served].map((version) => ({ version, hosts: fleet.hosts.length })))
  expect(await readHosts(fleet)).toEqual(before)
  await expect(client.createPlan({ ...order, version: '9.9.9' })).rejects.toMatchObject({
    code: 'ARTIFACT_UNAVAILABLE',
  })
})

test('the same idempotency key deploys once, and says the same id', async () => {
  await system.release('4.0.0')
  const what = ['payments', '-e', 'production', '--version', '4.0.0', '--concurrency', '100%', '--yes']
  const once = ['deploy', ...what, '--detach', '--idempotency-key', 'k1']

  const first = await system.cli(...once)
  const again = await system.cli(...once)

  expect(first.stdout).toMatch(/^d-\d+\n$/)
  expect(again).toMatchObject({ exit: 0, stdout: first.stdout })
  const followed = await system.cli('logs', first.stdout.trim(), '--follow')
  expect(followed.exit).toBe(0)
})

test('an application goes back to its last good version, once, and to an earlier one by its name', async () => {
  const { fleet } = system
  const place = [fleet.application, '--environment', fleet.environment]
  const versions = async () => [...new Set((await readHosts(fleet)).map(({ version }) => version))]
  expect(await versions()).toEqual(['4.0.0'])

  const back = await system.cli('rollback', ...place)
  const afterOne = await versions()
  const twice = await system.cli('rollback', ...place)
  const further = await system.cli('rollback', ...place, '--to', '1.0.0')

  expect(back.stderr).toContain('goes back from 4.0.0 to 3.0.0 on 4 hosts')
  expect(afterOne).toEqual(['3.0.0'])
  expect([twice.exit, twice.stderr]).toEqual([1, expect.stringContaining('is rolled back already, to 3.0.0') as string])
  expect([further.exit, await versions()]).toEqual([0, ['1.0.0']])
})
