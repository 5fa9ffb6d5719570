import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readHosts } from '../../infra/demo/read-hosts.ts'
import { deploy } from '../support/deploy.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { untruths } from '../support/untruths.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 4 } })
})
afterAll(() => system?.[Symbol.asyncDispose]())

const broken = (host: string) => join(system.fleet.dir, `broken-${host}`)

/** Deploys a version that cannot be restarted on some hosts, until that is repaired. */
async function failOn(hosts: readonly string[], version: string): Promise<string> {
  await system.release(version)
  for (const host of hosts) await writeFile(broken(host), '')
  const hooks = `hooks={beforeRestart: ["test ! -e ${broken('$VESEMIR_HOST')}"]}`
  const { view } = await deploy(system, version, '--concurrency', '2', '--max-failures', '2', '--yes', '--set', hooks)
  expect(view!.hosts.map(({ state }) => state.status)).toContain('failed')
  return view!.deployment.id
}

const statuses = async (id: string) => (await system.client.getDeployment(id)).hosts.map(({ state }) => state.status)

test('retry of one of several failed hosts walks that one, and keeps why the others failed', async () => {
  await system.release('1.0.0')
  await deploy(system, '1.0.0')
  const id = await failOn(['web-1', 'web-2'], '2.0.0')
  for (const host of ['web-1', 'web-2']) await rm(broken(host))
  const before = await system.client.getDeployment(id)

  const unknown = await system.cli('retry', id, '--host', 'web-9')
  const retried = await system.cli('retry', id, '--host', 'web-1')
  const after = await system.client.getDeployment(id)
  const status = await system.cli('status', id)
  const rest = await system.cli('retry', id)

  expect(unknown.exit).toBe(2)
  expect(unknown.stderr).toContain(`${id} has no host web-9`)
  expect(retried.exit).toBe(1)
  expect(after.hosts.map(({ state }) => state.status)).toEqual(['succeeded', 'failed', 'succeeded', 'succeeded'])
  expect(after.hosts[1]).toEqual(before.hosts[1])
  expect(after.hosts[0]!.history).toMatchObject([{ attempt: 1, status: 'failed', failure: { code: 'COMMAND_FAILED' } }])
  expect(status.stdout).toContain('some hosts that the command did not name are not deployed')
  expect(rest.exit).toBe(0)
  expect(await untruths(system.fleet, await system.client.getDeployment(id))).toEqual([])
})

test('a retry finds hosts again: one that is gone from Chef stays as it was, one that has moved is walked', async () => {
  const { fleet } = system
  const id = await failOn(['web-3', 'web-4'], '3.0.0')
  for (const host of ['web-3', 'web-4']) await rm(broken(host))
  await fleet.updateNode('web-3', (node) => ({ ...node, chef_environment: 'elsewhere' }))
  await fleet.updateNode('web-4', (node) => ({
    ...node,
    automatic: { ...node.automatic, ipaddress: '127.255.255.254' },
  }))

  const moved = await system.cli('retry', id, '--host', 'web-4')
  const gone = await system.cli('retry', id, '--host', 'web-3')
  const { deployment, hosts } = await system.client.getDeployment(id)

  expect([moved.exit, gone.exit]).toEqual([9, 1])
  expect(hosts[3]!.target.address).toBe('127.255.255.254')
  expect(hosts[2]!.state).toMatchObject({ status: 'failed', failure: { code: 'COMMAND_FAILED' } })
  expect(deployment.refused).toMatchObject({ code: 'HOST_GONE' })
  expect(await statuses(id)).not.toContain('pending')
  const versions = (await readHosts(fleet)).map(({ version }) => version)
  expect(versions.slice(0, 2)).toEqual(['3.0.0', '3.0.0'])
})
