import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../infra/fleet/wait-for.ts'
import { findProcess } from '../../infra/fleet/processes.ts'
import { processTrees } from '../../infra/fleet/process-table.ts'
import { startLoad } from '../../infra/load/start-load.ts'
import type { System } from '../support/start-system.ts'
import { untruths } from '../support/untruths.ts'
import { followToEnd, followUntil, startsStep } from './follow.ts'
import { startBench } from './start-bench.ts'
import { startDeployment } from './start-deployment.ts'
import { startStickyClients } from './sticky-clients.ts'

// What was seen to cost requests with HAProxy, and two old mistakes of programs that drain it.

let system: System
let particular: System
beforeAll(async () => {
  system = await startBench({ hosts: 3 })
  particular = await startBench({
    hosts: 3,
    haproxy: { backendLines: ['cookie SRV insert indirect nocache'], serverOptions: 'cookie {name} weight 1' },
  })
})
afterAll(() => Promise.all([system, particular].map((started) => started?.[Symbol.asyncDispose]())))

test.each([
  ['check', '1.0.0'],
  ['probe', '1.0.1'],
])(
  'an application restarts too fast for a check to see, and answers 503 for 3 s: no request meets it (%s)',
  async (proof, version) => {
    await using load = startLoad({ urls: system.fleet.frontends, requestsPerSecond: 40 })

    const behaviour = { warmupMs: 3_000 }
    const id = await startDeployment(system, { version, concurrency: 1, behaviour, loadBalancer: { proof } })

    const { view } = await followToEnd(system, id)
    expect(view.deployment.state.status).toBe('succeeded')
    expect(await untruths(system.fleet, view)).toEqual([])
    const { failures, versions } = await load.stop()
    expect(failures).toEqual({})
    expect(versions).toHaveProperty([version])
  },
)

test.each([
  ['check', '1.0.0'],
  ['probe', '1.0.1'],
])(
  'sticky clients keep coming to a drained server: they are sent to others, and none of their requests fails (%s)',
  async (proof, version) => {
    const { fleet } = particular
    await using clients = startStickyClients({ urls: fleet.frontends, clients: 12 })

    const id = await startDeployment(particular, {
      version,
      concurrency: 1,
      loadBalancer: { drainTimeout: '1s', drainDeadline: '5s', proof },
    })

    const { events, view } = await followToEnd(particular, id)
    const { failures, requests } = await clients.stop()
    expect(view.deployment.state.status).toBe('succeeded')
    expect(await outOfService(fleet)).toEqual([])
    const inMaintenance = expect.arrayContaining([expect.objectContaining({ admin: 'maint' })]) as unknown
    expect(events).toContainEqual(expect.objectContaining({ type: 'servers.seen', servers: inMaintenance }))
    expect(failures).toEqual([])
    expect(requests).toBeGreaterThan(100)
  },
)

test('servers of the default weight 1 at a degraded weight of 50% get traffic all the same', async () => {
  const { fleet } = particular
  await using load = startLoad({ urls: fleet.frontends, requestsPerSecond: 40 })

  const loadBalancer = { degradedWeight: '50%' }
  const id = await startDeployment(particular, { version: '1.1.0', concurrency: 1, loadBalancer })

  const { events, view } = await followToEnd(particular, id)
  const shown = events.flatMap((event) => (event.type === 'servers.seen' ? event.servers : []))
  expect(view.deployment.state.status).toBe('succeeded')
  expect(shown.map(({ weight }) => weight).filter((weight) => weight !== 1)).toEqual([])
  expect(await outOfService(fleet)).toEqual([])
  expect((await load.stop()).failures).toEqual({})
})

test('a channel that is kept over a reload still speaks to the old worker: the new one is noticed and put right', async () => {
  const { fleet } = system
  await using load = startLoad({ urls: fleet.frontends, requestsPerSecond: 40, resendOnClosed: true })
  const settings = { hooks: { beforeDeploy: ['test $VESEMIR_HOST != web-1 || sleep 3'] } }
  const id = await startDeployment(system, { version: '2.0.0', concurrency: 1, settings })
  await followUntil(system, id, startsStep('web-1', 'deploy'))
  // A request that is not complete keeps the old worker, and all that is connected to it, for as long as it may take.
  const lingering = connect({ host: fleet.boxes[0]!.address, port: fleet.ports.frontend })
  await once(lingering, 'connect')
  lingering.write('GET / HTTP/1.1\r\n')
  const tree = () => processTrees([findProcess(fleet, 'haproxy lb-1')]).length
  const before = tree()

  await fleet.reloadBox('lb-1')

  const isOut = async () =>
    (await fleet.showServers()).some(
      ({ box, server, adminState }) => box === 'lb-1' && server === 'web-1' && (adminState & 9) !== 0,
    )
  await waitFor(isOut, { what: 'web-1 is out of rotation in the new worker', timeoutMs: 2_000 })
  expect(tree()).toBe(before + 1)
  const { events, view } = await followToEnd(system, id)
  lingering.destroy()
  expect(events).toContainEqual(expect.objectContaining({ type: 'servers.returned', host: 'web-1' }))
  expect(view.deployment.state.status).toBe('succeeded')
  expect(await untruths(fleet, view)).toEqual([])
  expect((await load.stop()).failures).toEqual({})
})

test('a reload in the middle of a drain: the requests that the old worker has in hand are waited for', async () => {
  const { fleet } = system
  await installSlow('3.0.0', { slowMs: 8_000 })
  const asked = Promise.all(askSlow(fleet))
  const loadBalancer = { drainTimeout: '15s', drainDeadline: '20s' }
  const id = await startDeployment(system, { version: '3.1.0', concurrency: 1, loadBalancer })
  await followUntil(system, id, ({ type }) => type === 'servers.seen')

  await Promise.all(fleet.boxes.map(({ name }) => fleet.reloadBox(name)))

  const { events, view } = await followToEnd(system, id)
  expect(events).toContainEqual(expect.objectContaining({ type: 'servers.returned', host: 'web-1' }))
  expect(view.deployment.state.status).toBe('succeeded')
  expect(await untruths(fleet, view)).toEqual([])
  expect(new Set(await asked)).toEqual(new Set([200]))
})

test('a server that is DOWN counts as drained', async () => {
  const { fleet } = system
  await installSlow('4.0.0', { slowMs: 3_000 })
  const asked = askSlow(fleet)
  const own = async () =>
    (await fleet.showServers()).filter(({ server, sessions }) => server === 'web-1' && sessions > 0)
  await waitFor(async () => (await own()).length === 2, {
    what: 'web-1 has a session on each box',
    timeoutMs: 3_000,
    pollMs: 5,
  })
  for (const { pid } of processTrees([findProcess(fleet, 'runsv web-1')]).slice(1)) process.kill(pid, 'SIGSTOP')
  const isDown = async () => (await own()).filter(({ opState }) => opState === 0).length === 2
  await waitFor(isDown, { what: 'web-1 is DOWN with sessions', timeoutMs: 20_000 })

  const loadBalancer = { drainTimeout: '20s', drainDeadline: '40s' }
  const id = await startDeployment(system, { version: '4.1.0', concurrency: 1, loadBalancer })

  const { events, view } = await followToEnd(system, id)
  await Promise.all(asked)
  expect(view.deployment.state.status).toBe('succeeded')
  expect(await untruths(fleet, view)).toEqual([])
  const drained = events.find(
    (event) => event.type === 'step.ended' && event.step === 'drain' && event.host === 'web-1',
  )
  expect(drained).toMatchObject({ outcome: 'succeeded' })
  expect((drained as { durationMs: number }).durationMs).toBeLessThan(10_000)
})

test('a server that is being enabled is never waited on for zero sessions', async () => {
  // Every host has slow requests in hand all the time, those of the new version for longer than its whole way back.
  await using load = startLoad({ urls: system.fleet.frontends, requestsPerSecond: 20, slowShare: 1 })
  const behaviour = { slowMs: 4_000 }
  const id = await startDeployment(system, { version: '5.0.0', concurrency: 1, behaviour })

  const { events, view } = await followToEnd(system, id)

  const forSessions = events.filter((event) => event.type === 'step.waiting' && event.waitingFor.includes('sessions'))
  expect(view.deployment.state.status).toBe('succeeded')
  expect([...new Set(forSessions.map((event) => 'step' in event && event.step))]).toEqual(['drain'])
  expect((await load.stop()).failures).toEqual({})
})

/** The servers that are not ready at their weight of 1. */
async function outOfService(fleet: System['fleet']) {
  return (await fleet.showServers()).filter(
    ({ adminState, opState, weight }) => adminState !== 0 || opState !== 2 || weight !== 1,
  )
}

/** Puts a release with slow requests on all hosts at once. */
async function installSlow(version: string, behaviour: { slowMs: number }): Promise<void> {
  await followToEnd(system, await startDeployment(system, { version, concurrency: 3, minHealthy: 0, behaviour }))
}

/** Has each box ask its hosts something slow, several times each; gives how each request ends. */
function askSlow({ frontends, hosts }: System['fleet']): Promise<number | string>[] {
  const ask = (url: string) =>
    fetch(`${url}/slow`, { headers: { connection: 'close' } }).then(({ status }) => status, String)
  return frontends.flatMap((url) => hosts.flatMap(() => [ask(url), ask(url)]))
}
