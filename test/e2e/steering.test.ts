import type { DeploymentStatus, DeploymentView } from '@vesemir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readHosts } from '../../infra/demo/read-hosts.ts'
import { startLoad } from '../../infra/load/start-load.ts'
import { deploy } from '../support/deploy.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { untruths } from '../support/untruths.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 4 }, workers: ['worker-1', 'worker-2'] })
})
afterAll(() => system?.[Symbol.asyncDispose]())

/** Starts a deployment and lets it go on by itself. */
async function start(version: string, ...options: string[]): Promise<string> {
  const { application, environment } = system.fleet
  const what = [application, '--environment', environment, '--version', version]
  const { stdout, exit, stderr } = await system.cli('deploy', ...what, '--detach', '--json', ...options)
  expect([exit, stderr]).toEqual([0, ''])
  return (JSON.parse(stdout) as { id: string }).id
}

/** Waits until the deployment is so; fails at once when it has ended otherwise. */
async function until(id: string, wanted: DeploymentStatus | ((view: DeploymentView) => boolean)) {
  const isSo =
    typeof wanted === 'string' ? ({ deployment }: DeploymentView) => deployment.state.status === wanted : wanted
  for (;;) {
    const view = await system.client.getDeployment(id)
    if (isSo(view)) return view
    if ('endedAt' in view.deployment.state) throw new Error(`${id} ended: ${JSON.stringify(view.deployment.state)}`)
    await nextEvent(id, view.cursor)
  }
}

async function nextEvent(id: string, after: number): Promise<void> {
  for await (const _event of system.client.followEvents(id, { after, signal: AbortSignal.timeout(60_000) })) return
}

const versions = async () => (await readHosts(system.fleet)).map(({ version }) => version)
const statuses = ({ hosts }: DeploymentView) => hosts.map(({ state }) => state.status)

test('a canary waits for approval, and the rest goes on when it comes', async () => {
  await system.release('1.0.0')
  const canary = ['--yes', '--set', 'concurrency=[1, 100%]', '--set', 'rollout.gates=[{wait: approval}]']
  const id = await start('1.0.0', ...canary)
  const gated = await until(id, 'gated')

  const status = await system.cli('status', id)
  const approved = await system.cli('approve', id, '--reason', 'looks well')
  const ended = await until(id, 'succeeded')

  expect(statuses(gated)).toEqual(['succeeded', 'pending', 'pending', 'pending'])
  expect(status.stdout).toContain('approval')
  expect(approved.exit).toBe(0)
  expect(await versions()).toEqual(Array(4).fill('1.0.0'))
  expect(await untruths(system.fleet, ended)).toEqual([])
})

test('a deployment is paused and resumed, and cancelled with the hosts in hand put back, while no request fails', async () => {
  for (const version of ['2.0.0', '2.1.0']) await system.release(version)
  await using load = startLoad({ urls: system.fleet.frontends, requestsPerSecond: 40 })

  const id = await start('2.0.0', '--concurrency', '1')
  await until(id, ({ deployment }) => deployment.counts.succeeded >= 1)
  await system.cli('pause', id)
  const paused = await until(id, 'paused')
  await system.cli('resume', id)
  await until(id, 'succeeded')
  const second = await start('2.1.0', '--concurrency', '1', '--set', 'loadBalancer.degradationTime=60s')
  await until(second, ({ hosts }) => hosts[0]?.state.status === 'running' && hosts[0].state.step === 'restart')
  const cancelled = await system.cli('cancel', second, '--now')
  const ended = await until(second, 'cancelled')

  const { failures } = await load.stop()
  expect(failures).toEqual({})
  expect(paused.deployment.state).toMatchObject({ status: 'paused', by: 'tester' })
  expect(cancelled.exit).toBe(0)
  expect(await untruths(system.fleet, ended)).toEqual([])
  expect((await versions()).slice(1)).toEqual(Array(3).fill('2.0.0'))
})

test('what failed is retried, and then what succeeded is rolled back, with exit code 8 for who follows', async () => {
  await system.release('3.0.0', { unhealthy: true })
  const failed = await deploy(system, '3.0.0', '--concurrency', '2')
  const { id } = failed.view!.deployment
  expect(failed.exit).toBe(1)
  const left = await system.cli('lb', 'doctor', '--cluster', failed.view!.deployment.spec.cluster, '--json')

  const rolledBack = await system.cli('rollback', id)
  const ended = await system.client.getDeployment(id)

  expect(JSON.parse(left.stdout)).toMatchObject({
    servers: expect.arrayContaining([expect.objectContaining({ host: 'web-1', verdict: 'left-out' })]) as unknown,
  })
  expect(rolledBack.exit).toBe(8)
  expect(ended.deployment.state.status).toBe('rolled-back')
  expect(await untruths(system.fleet, ended)).toEqual([])
  expect(await versions()).not.toContain('3.0.0')
})

test('a second deployment waits for the first, and a locked application for whoever locked it', async () => {
  for (const version of ['4.0.0', '4.1.0', '4.2.0']) await system.release(version)
  const { application, environment } = system.fleet
  const first = await start('4.0.0', '--concurrency', '1')
  const second = await start('4.1.0', '--concurrency', '100%', '--yes')

  const refused = await system.cli('deploy', application, '-e', environment, '--version', '4.2.0', '--no-wait')
  const waiting = await system.client.getDeployment(second)
  await system.cli('lock', application, '--environment', environment, '--reason', 'the fair')
  await until(first, 'succeeded')
  const locked = await until(
    second,
    ({ deployment: { state } }) => state.status === 'queued' && state.waitingFor?.includes('the fair') === true,
  )
  await system.cli('unlock', application, '--environment', environment)
  await until(second, 'succeeded')

  expect(refused.exit).toBe(5)
  expect(refused.stderr).toContain(first)
  expect(waiting.deployment.state).toMatchObject({ status: 'queued' })
  expect(locked.deployment.state).toMatchObject({ waitingFor: expect.stringContaining('tester') as string })
  expect(await versions()).toEqual(Array(4).fill('4.1.0'))
})

test('rollback of a superseded deployment touches no host', async () => {
  const [newest, old] = await idsOf('succeeded')
  const before = await system.client.getDeployment(old!)
  await using load = startLoad({ urls: system.fleet.frontends, requestsPerSecond: 40 })

  const rollback = await system.cli('rollback', old!)
  const unexplained = await system.cli('rollback', old!, '--force')
  const forced = await system.cli('rollback', old!, '--force', '--reason', 'a wrong id')
  const status = await system.cli('status', old!)

  const { failures } = await load.stop()
  const after = await system.client.getDeployment(old!)
  expect(rollback.exit).toBe(5)
  expect(rollback.stderr).toContain(`${old} is superseded by ${newest} (4.1.0)`)
  expect(unexplained.exit).toBe(2)
  expect(unexplained.stderr).toContain('reason')
  expect(forced.stdout).toContain(`no host still runs a release of ${old}`)
  expect(status.stdout).toContain('superseded')
  expect(after.hosts).toEqual(before.hosts)
  expect(failures).toEqual({})
  expect(await versions()).toEqual(Array(4).fill('4.1.0'))
  expect(await untruths(system.fleet, after)).toEqual([])
})

test('retry of an older failed deployment is refused and downgrades nothing', async () => {
  await system.release('4.3.0', { unhealthy: true })
  const { view: failed } = await deploy(system, '4.3.0')
  const { id } = failed!.deployment
  await deploy(system, '4.2.0')
  const before = await system.client.getDeployment(id)

  const retry = await system.cli('retry', id)

  expect(failed!.deployment.state.status).toBe('failed')
  expect(retry.exit).toBe(5)
  expect(retry.stderr).toContain('(4.2.0)')
  expect(await system.client.getDeployment(id)).toEqual(before)
  expect(await versions()).toEqual(Array(4).fill('4.2.0'))
})

test('what hosts run stays true after walks that were refused, unreachable or skipped', async () => {
  const { application } = system.fleet
  const versionsByRecord = async () =>
    (await system.client.listHosts(application)).hosts.map(({ runs }) => runs?.version)
  await system.release('4.4.0')

  const guarded = await deploy(
    system,
    '4.4.0',
    '--set',
    'loadBalancer.minHealthy=100%',
    '--set',
    'loadBalancer.guardTimeout=1s',
  )
  const afterGuard = await versionsByRecord()
  const { id } = guarded.view!.deployment
  const rollback = await system.cli('rollback', id)

  expect(guarded.exit).toBe(1)
  expect(afterGuard).toEqual(Array(4).fill('4.2.0'))
  expect(rollback.stdout).toContain('nothing to roll back')
  expect(await versionsByRecord()).toEqual(await versions())
})

/** The deployments that have ended so, the newest first. */
async function idsOf(status: DeploymentStatus): Promise<string[]> {
  const { deployments } = await system.client.listDeployments({ status, limit: 50 })
  return deployments.map(({ id }) => id)
}

test('hooks run at the edges of their steps, and their output is in the log', async () => {
  await system.release('5.0.0')
  const hooks =
    'hooks={beforeDrain: ["echo about to drain $VESEMIR_HOST"], afterEnable: ["echo $VESEMIR_VERSION serves"]}'

  const { exit, view } = await deploy(system, '5.0.0', '--hosts', 'web-2', '--set', hooks)
  const logs = await system.cli('logs', view!.deployment.id)

  expect(exit).toBe(0)
  expect(logs.stdout).toMatch(/web-2 +drain +\| about to drain web-2/)
  expect(logs.stdout).toMatch(/web-2 +enable +\| 5\.0\.0 serves/)
})

test('versions of hosts are listed, and doctor finds nothing wrong on a healthy fleet', async () => {
  const hosts = await system.client.listHosts(system.fleet.application)
  const { checks } = await system.client.doctor()

  expect(hosts.hosts.map(({ host, runs, traffic }) => [host, runs?.version, traffic])).toEqual([
    ['web-1', '4.2.0', 'restored'],
    ['web-2', '5.0.0', 'restored'],
    ['web-3', '4.2.0', 'restored'],
    ['web-4', '4.2.0', 'restored'],
  ])
  // web-2 alone was deployed to: that says nothing of what the others should run.
  expect(hosts.hosts.filter(({ drift }) => drift !== undefined)).toEqual([])
  expect(checks.filter(({ ok, name }) => !ok && name !== 'redis')).toEqual([])
  expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['redis', 'inventory', 'ssh', 'haproxy']))
})
