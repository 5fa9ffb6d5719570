import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readHosts } from '../../infra/demo/read-hosts.ts'
import { processTrees } from '../../infra/fleet/process-table.ts'
import { findProcess } from '../../infra/fleet/processes.ts'
import { startLoad } from '../../infra/load/start-load.ts'
import { deploy } from '../support/deploy.ts'
import { startSystem, type System } from '../support/start-system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 4 } })
})
afterAll(() => system?.[Symbol.asyncDispose]())

const place = () => [system.fleet.application, '--environment', system.fleet.environment]
const deployments = async () => (await system.client.listDeployments({ limit: 50 })).deployments

/** As when a machine is installed anew: nothing of its releases is left, and its application does not run. */
async function rebuild(name: string): Promise<void> {
  const { fleet } = system
  await rm(fleet.hosts.find((host) => host.name === name)!.directory, { recursive: true })
  for (const { pid } of processTrees([findProcess(fleet, `runsv ${name}`)]).slice(1)) process.kill(pid, 'SIGKILL')
  await vi.waitFor(
    async () => expect((await readHosts(fleet)).find((host) => host.name === name)!.state).toBe('down'),
    {
      timeout: 20_000,
    },
  )
}

test('a rebuilt host gets what should run, while requests flow and none is lost', async () => {
  const { fleet } = system
  await system.release('1.0.0')
  await deploy(system, '1.0.0', '--concurrency', '50%', '--yes')
  const nothing = await system.cli('converge', ...place())
  await rebuild('web-2')
  await using load = startLoad({ urls: fleet.frontends, requestsPerSecond: 50 })

  const planned = await system.cli('converge', ...place(), '--plan')
  const converged = await system.cli('converge', ...place())
  const after = await system.cli('deploy', ...place(), '--version', '1.0.0', '--only', 'behind')

  const { total, failures } = await load.stop()
  expect(nothing).toMatchObject({ exit: 0, stdout: 'nothing is behind 1.0.0: 4 hosts run it\n' })
  expect(planned.stdout).toContain('web-2: has no release; 1.0.0 was deployed to it')
  expect([planned.exit, converged.exit, after.exit]).toEqual([0, 0, 0])
  expect(total).toBeGreaterThan(20)
  expect(failures).toEqual({})
  expect(await readHosts(fleet)).toEqual(
    fleet.hosts.map(({ name }) => ({ name, version: '1.0.0', state: 'ready', weight: 100 })),
  )
  const [behind, second, first] = await deployments()
  expect(behind!.state).toMatchObject({ status: 'succeeded', note: 'nothing is behind 1.0.0: 4 hosts run it' })
  expect(second).toMatchObject({ counts: { succeeded: 1 }, spec: { only: 'behind', version: '1.0.0' } })
  expect(first!.counts.succeeded).toBe(4)
})

test('a rebuilt host comes up to date by itself, on the schedule of its environment', async () => {
  const { fleet, client } = system
  const { application, environment } = fleet
  await rebuild('web-3')
  const definition = await client.getApplication(application)
  const own = definition.environments?.[environment]
  const environments = { ...definition.environments, [environment]: { ...own, converge: { every: '1h' } } }
  await client.putApplication({ ...definition, environments })

  await vi.waitFor(
    async () => expect((await readHosts(fleet)).find(({ name }) => name === 'web-3')).toMatchObject({ state: 'ready' }),
    { timeout: 45_000, interval: 250 },
  )

  const [last] = await deployments()
  expect(last).toMatchObject({ requestedBy: 'tester', spec: { converges: { bySchedule: true } } })
  const hosts = await system.cli('hosts', ...place())
  expect(hosts.stderr).toContain(`${environment} converges every 1h, in the name of tester; next round at`)
  expect(hosts.stderr).toContain(`${last!.id} started, 1 behind 1.0.0: web-3 has no release`)
  const { schedules } = await client.listSchedules(application)
  expect(schedules).toMatchObject([{ environment, last: { outcome: 'deployed', deployment: last!.id } }])
})
