import { afterAll, beforeAll, expect, test } from 'vitest'
import { readHosts } from '../../infra/demo/read-hosts.ts'
import { setByHand } from '../faults/set-by-hand.ts'
import { deploy } from '../support/deploy.ts'
import { startSystem, type System } from '../support/start-system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 4 } })
})
afterAll(() => system?.[Symbol.asyncDispose]())

const backend = () => system.fleet.application
const versions = async () => (await readHosts(system.fleet)).map(({ version }) => version)

/** Sets a host's servers on every box by hand, as a person does. */
async function setServers(server: string, setting: string): Promise<void> {
  for (const { name: box } of system.fleet.boxes)
    await setByHand(system.fleet, { box, backend: backend(), server }, setting)
}

test('without a terminal deploy waits for the end, and says by its exit code that a host was skipped', async () => {
  await system.release('1.0.0')
  await setServers('web-2', 'state maint')

  const partly = await deploy(system, '1.0.0', '--concurrency', '1')
  await setServers('web-2', 'state ready')
  const rest = await system.cli('retry', partly.view!.deployment.id)

  expect(partly.exit).toBe(9)
  expect(partly.stderr).toContain('web-2 skipped')
  expect(rest.exit).toBe(0)
  expect(await versions()).toEqual(Array(4).fill('1.0.0'))
})

test('retry goes to the host that is named although another has failed and left the inventory, and can be left out for good', async () => {
  await system.release('2.0.0')
  const { fleet } = system
  await fleet.stopSshd('web-3')
  const failed = await deploy(system, '2.0.0', '--concurrency', '1', '--hosts', 'web-3,web-4')
  const { id } = failed.view!.deployment
  await fleet.updateNode('web-3', (node) => ({ ...node, chef_environment: 'gone' }))

  const retried = await system.cli('retry', id, '--host', 'web-4')
  const { hosts } = await system.client.getDeployment(id)
  const without = await system.cli('retry', id, '--without', 'web-3')

  expect(failed.view!.hosts.map(({ state }) => state.status)).toEqual(['unreachable', 'pending'])
  expect(hosts.map(({ state }) => state.status)).toEqual(['unreachable', 'succeeded'])
  expect(retried.exit).toBe(9)
  expect(retried.stderr).toContain(`vesemir retry ${id} --without web-3`)
  expect(without.exit).toBe(0)
  expect((await versions())[3]).toBe('2.0.0')

  await fleet.startSshd('web-3')
  await fleet.updateNode('web-3', (node) => ({ ...node, chef_environment: fleet.environment }))
})

test('a plan is deployed by its id as it was shown, and refused when hosts or settings have changed since', async () => {
  const { fleet, client } = system
  await system.release('3.0.0')
  const target = [fleet.application, '--environment', fleet.environment, '--version', '3.0.0']
  const planned = await system.cli('plan', ...target, '--hosts', 'web-1,web-2', '--set', 'healthCheck.deadline=4s')
  const all = await client.createPlan({
    application: fleet.application,
    environment: fleet.environment,
    version: '3.0.0',
  })
  const line = /vesemir (deploy --plan p-\d+)\n$/.exec(planned.stderr)![1]!

  const deployed = await system.cli(...line.split(' '))
  await fleet.updateNode('web-4', (node) => ({ ...node, chef_environment: 'gone' }))
  const changed = await system.cli('deploy', '--plan', all.id)
  await fleet.updateNode('web-4', (node) => ({ ...node, chef_environment: fleet.environment }))
  const asBefore = await system.cli('deploy', '--plan', all.id)
  const unknown = await system.cli('deploy', '--plan', 'p-99999')

  expect(deployed.exit).toBe(0)
  expect((await client.listDeployments({ limit: 3 })).deployments.at(-1)!.spec.hosts.only).toEqual(['web-1', 'web-2'])
  expect(changed.exit).toBe(5)
  expect(changed.stdout).toContain(`${all.id} is out of date: web-4 is gone`)
  expect(asBefore.exit).toBe(0)
  expect(await versions()).toEqual(Array(4).fill('3.0.0'))
  expect(unknown.exit).toBe(2)
})

test('a server that stands for no host is said in the plan, and refused before any drain where the settings say so', async () => {
  const { fleet, client } = system
  const order = { application: fleet.application, environment: fleet.environment, version: '3.0.0' }
  await fleet.updateNode('web-4', (node) => ({ ...node, chef_environment: 'gone' }))

  const { plan } = await client.createPlan(order)
  const canary = await client.createPlan({ ...order, hosts: { tags: ['web'], only: ['web-1'] } })
  const target = [order.application, '-e', order.environment, '--version', order.version]
  const refused = await system.cli('deploy', ...target, '--set', 'unmatchedServers=refuse')
  await fleet.updateNode('web-4', (node) => ({ ...node, chef_environment: fleet.environment }))

  expect(plan.warnings.join()).toContain(`${backend()}/web-4`)
  expect(canary.plan.warnings.join()).not.toContain('web-4')
  expect(refused.exit).toBe(1)
  expect(refused.stdout).toContain('SERVER_WITHOUT_HOST')
})

test('a canary says what its own host should run, and a later deployment to all hosts what all should', async () => {
  const { fleet } = system
  const drifts = async () =>
    (await system.client.listHosts(fleet.application)).hosts.flatMap(({ drift }) => drift ?? [])
  for (const version of ['4.0.0', '4.1.0']) await system.release(version)

  const canary = await deploy(system, '4.0.0', '--hosts', 'web-1')
  const afterCanary = await drifts()
  await deploy(system, '4.1.0', '--concurrency', '2')
  const afterAll = await drifts()
  await deploy(system, '4.0.0', '--hosts', 'web-2')
  const rollback = await system.cli('rollback', (await system.client.listDeployments({ limit: 1 })).deployments[0]!.id)

  expect([canary.exit, rollback.exit]).toEqual([0, 8])
  expect([afterCanary, afterAll, await drifts()]).toEqual([[], [], []])
  expect(await versions()).toEqual(Array(4).fill('4.1.0'))
})

test('hosts tells the inventory, what runs and what should run apart, and forgets a host that has left', async () => {
  const { fleet } = system
  const place = ['-e', fleet.environment]
  const web4 = async () => {
    const { stdout } = await system.cli('hosts', fleet.application, ...place, '--json')
    return JSON.parse(stdout).hosts.find(({ host }: { host: string }) => host === 'web-4')
  }
  await fleet.updateNode('web-4', (node) => ({ ...node, chef_environment: 'gone' }))

  const gone = await web4()
  const refused = await system.cli('forget', fleet.application, 'web-1', ...place)
  const listed = await system.cli('hosts', fleet.application, ...place)
  const forgotten = await system.cli('forget', fleet.application, 'web-4', ...place)
  const afterwards = await web4()
  await fleet.updateNode('web-4', (node) => ({ ...node, chef_environment: fleet.environment }))
  const back = await web4()

  expect(gone).toMatchObject({ inInventory: false, runs: { version: '4.1.0' } })
  expect(refused.exit).toBe(5)
  expect(listed.stderr).toContain(`vesemir forget ${fleet.application} web-4`)
  expect(forgotten.exit).toBe(0)
  expect(afterwards).toBeUndefined()
  expect(back).toMatchObject({ inInventory: true, wanted: { version: '4.1.0' }, traffic: 'untouched' })
  expect(back).not.toHaveProperty('runs')
})
