import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readHosts } from '../../infra/demo/read-hosts.ts'
import { startLoad } from '../../infra/load/start-load.ts'
import { cluster } from '../../infra/vesemir/worker-settings.ts'
import { ends, followToEnd } from '../faults/follow.ts'
import { setByHand } from '../faults/set-by-hand.ts'
import { startDeployment, type Wanted } from '../faults/start-deployment.ts'
import { watchCapacity } from '../faults/watch-capacity.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { untruths } from '../support/untruths.ts'

// Of four hosts three must serve: one that has failed takes all that can be spared.

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 4 } })
})
afterAll(() => system?.[Symbol.asyncDispose]())

const versions = async () => (await readHosts(system.fleet)).map(({ version }) => version)

async function deployTo(version: string, wanted: Partial<Wanted> = {}) {
  const id = await startDeployment(system, { version, concurrency: 1, minHealthy: 3, ...wanted })
  return followToEnd(system, id)
}

/** Deploys a version that cannot be restarted on a host, which is repaired when that has failed. */
async function failOn(host: string, version: string): Promise<string> {
  const broken = join(system.fleet.dir, `broken-${host}`)
  await writeFile(broken, '')
  const hooks = { beforeRestart: [`test ! -e ${join(system.fleet.dir, 'broken-$VESEMIR_HOST')}`] }
  const { view } = await deployTo(version, { settings: { hooks } as never, loadBalancer: { guardTimeout: '2s' } })
  await rm(broken)
  expect(ends(view)).toContain(`${host} failed drained`)
  return view.deployment.id
}

test('a retry that is refused leaves a host in service that lb doctor has put back', async () => {
  const { fleet } = system
  await deployTo('1.0.0')
  const id = await failOn('web-1', '2.0.0')
  await system.cli('lb', 'doctor', '--cluster', cluster, '--fix')
  const neighbours = fleet.boxes.map(({ name }) => ({ box: name, backend: fleet.application, server: 'web-4' }))
  for (const server of neighbours) await setByHand(fleet, server, 'state maint')
  await using load = startLoad({ urls: fleet.frontends, requestsPerSecond: 30, resendOnClosed: true })
  const capacity = watchCapacity(fleet, { minHealthy: 3 })

  const refused = await system.cli('retry', id, '--host', 'web-1')

  const { broken } = await capacity.stop()
  for (const server of neighbours) await setByHand(fleet, server, 'state ready')
  const { hosts } = await system.client.getDeployment(id)
  expect(refused.exit).toBe(1)
  expect(hosts[0]!.state).toMatchObject({ traffic: 'restored', failure: { code: 'GUARD_REFUSED' } })
  expect(broken).toEqual([])
  expect((await load.stop()).failures).toEqual({})
})

test.for([
  ['rollback', 8, '3.0.0'],
  ['retry', 0, '5.0.0'],
] as const)(
  'a %s walks the host first that is out, and the others can be spared then',
  async ([command, exit, after]) => {
    const { fleet } = system
    await deployTo('3.0.0')
    await using load = startLoad({ urls: fleet.frontends, requestsPerSecond: 30, resendOnClosed: true })
    await using capacity = watchCapacity(fleet, { minHealthy: 3 })
    const id = await failOn('web-3', '5.0.0')

    const commanded = await system.cli(command, id)

    const { broken } = await capacity.stop()
    expect(commanded.exit).toBe(exit)
    expect(await versions()).toEqual(Array(4).fill(after))
    expect(await untruths(fleet, await system.client.getDeployment(id))).toEqual([])
    expect(broken).toEqual([])
    expect((await load.stop()).failures).toEqual({})
  },
)

test('the rollback of a release that hosts ran already leaves them with it', async () => {
  await deployTo('6.0.0')
  const { view: again } = await deployTo('6.0.0')

  const rollback = await system.cli('rollback', again.deployment.id)

  expect(rollback.stdout).toContain('nothing to roll back')
  expect(await versions()).toEqual(Array(4).fill('6.0.0'))
  const { hosts } = await system.client.listHosts(system.fleet.application)
  expect(hosts.flatMap(({ drift }) => drift ?? [])).toEqual([])
})
