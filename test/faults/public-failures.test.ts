import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLoad } from '../../infra/load/start-load.ts'
import { waitFor } from '../../infra/fleet/wait-for.ts'
import type { System } from '../support/start-system.ts'
import { untruths } from '../support/untruths.ts'
import { ends, followToEnd, followUntil, startsStep } from './follow.ts'
import { startBench } from './start-bench.ts'
import { startDeployment } from './start-deployment.ts'

// Failures of rolling deployments with Ansible, HAProxy and VMs that others have told of in public.

let system: System
beforeAll(async () => {
  system = await startBench({ hosts: 4 })
})
afterAll(() => system?.[Symbol.asyncDispose]())

test("a batch-mate's failure leaves no healthy host drained", async () => {
  const { fleet } = system
  await using load = startLoad({ urls: fleet.frontends, requestsPerSecond: 20 })
  const flag = join(fleet.dir, 'vm', 'web-2', 'has-failed')
  const hooks = { afterRestart: [`test $VESEMIR_HOST != web-2 || test -e ${flag} || { touch ${flag}; exit 7; }`] }
  const id = await startDeployment(system, { version: '1.0.0', concurrency: 3, settings: { hooks } })

  const failed = await followToEnd(system, id)

  expect(ends(failed.view)).toEqual([
    'web-1 succeeded restored',
    'web-2 failed drained',
    'web-3 succeeded restored',
    'web-4 pending',
  ])
  expect(await untruths(fleet, failed.view)).toEqual([])
  const { view } = await retry(id, failed.view.cursor)
  expect(view.deployment.state.status).toBe('succeeded')
  expect((await load.stop()).failures).toEqual({})
})

test('a retry brings back a host whose version matches but which is still drained', async () => {
  const { fleet } = system
  await using load = startLoad({ urls: fleet.frontends, requestsPerSecond: 20 })
  const flag = join(fleet.dir, 'vm', 'web-1', 'has-restarted')
  const hooks = { afterRestart: [`test $VESEMIR_HOST != web-1 || test -e ${flag} || { touch ${flag}; sleep 30; }`] }
  const id = await startDeployment(system, { version: '2.0.0', concurrency: 1, settings: { hooks } })
  await waitFor(() => existsSync(flag), { what: 'web-1 runs its new version', timeoutMs: 30_000 })
  await fleet.stopSshd('web-1')
  const failed = await followToEnd(system, id)
  await fleet.startSshd('web-1')
  expect(ends(failed.view)[0]).toBe('web-1 unreachable drained')
  expect(await versionOf('web-1')).toBe('2.0.0')
  expect(await untruths(fleet, failed.view)).toEqual([])

  const { view } = await retry(id, failed.view.cursor)

  expect(view.deployment.state.status).toBe('succeeded')
  expect(await untruths(fleet, view)).toEqual([])
  expect((await load.stop()).failures).toEqual({})
})

test('a reload of HAProxy forgets drains and weights in the middle', async () => {
  const { fleet } = system
  await using load = startLoad({ urls: fleet.frontends, requestsPerSecond: 20, resendOnClosed: true })
  const settings = { hooks: { beforeDeploy: ['test $VESEMIR_HOST != web-1 || sleep 2'] } }
  const id = await startDeployment(system, { version: '3.0.0', concurrency: 1, settings })

  await followUntil(system, id, startsStep('web-1', 'deploy'))
  await fleet.reloadBox('lb-1')
  await followUntil(system, id, startsStep('web-2', 'soak'))
  await fleet.reloadBox('lb-2')

  const { events, view } = await followToEnd(system, id)
  const returned = events.filter((event) => event.type === 'servers.returned')
  expect(returned[0]).toMatchObject({ host: 'web-1', servers: [{ box: 'lb-1' }] })
  expect(view.deployment.state.status).toBe('succeeded')
  expect(await untruths(fleet, view)).toEqual([])
  expect((await load.stop()).failures).toEqual({})
})

async function retry(id: string, after: number) {
  await system.client.commandDeployment(id, { command: 'retry' })
  return followToEnd(system, id, { after })
}

async function versionOf(host: string): Promise<string | null> {
  const { address } = system.fleet.hosts.find(({ name }) => name === host)!
  return (await fetch(`http://${address}:${system.fleet.appPort}/`)).headers.get('x-version')
}
