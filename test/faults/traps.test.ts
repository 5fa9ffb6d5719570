import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { waitFor } from '../../infra/fleet/wait-for.ts'
import { findProcess } from '../../infra/fleet/processes.ts'
import { processTrees } from '../../infra/fleet/process-table.ts'
import { startLoad } from '../../infra/load/start-load.ts'
import { untruths } from '../support/untruths.ts'
import { followToEnd, followUntil, startsStep } from './follow.ts'
import { startBench } from './start-bench.ts'
import { startDeployment } from './start-deployment.ts'
import { startStickyClients } from './sticky-clients.ts'

// What was seen to cost requests with HAProxy, and two old mistakes of programs that drain it.

test('an application restarts too fast for a check to see, and answers 503 for 3 s: no request meets it', async () => {
  await using system = await startBench({ hosts: 3 })
  await using load = startLoad({ urls: system.fleet.frontends, requestsPerSecond: 40 })

  const behaviour = { warmupMs: 3_000 }
  const id = await startDeployment(system, { version: '1.0.0', concurrency: 1, behaviour })

  const { view } = await followToEnd(system, id)
  expect(view.deployment.state.status).toBe('succeeded')
  expect(await untruths(system.fleet, view)).toEqual([])
  const { failures, versions } = await load.stop()
  expect(failures).toEqual({})
  expect(versions).toHaveProperty(['1.0.0'])
})

test('sticky clients keep coming to a drained server: they are sent to others, and none of their requests fails', async () => {
  const haproxy = { backendLines: ['cookie SRV insert indirect nocache'], serverOptions: 'cookie {name}' }
  await using system = await startBench({ hosts: 3, haproxy })
  await using clients = startStickyClients({ urls: system.fleet.frontends, clients: 12 })

  const id = await startDeployment(system, {
    version: '1.0.0',
    concurrency: 1,
    loadBalancer: { drainTimeout: '1s', drainDeadline: '5s' },
  })

  const { events, view } = await followToEnd(system, id)
  const { failures, requests } = await clients.stop()
  expect(view.deployment.state.status).toBe('succeeded')
  expect(await untruths(system.fleet, view)).toEqual([])
  expect(events).toContainEqual(expect.objectContaining({ step: 'drain', note: 'sessions ended in maintenance' }))
  expect(failures).toEqual([])
  expect(requests).toBeGreaterThan(100)
})

test('servers of the default weight 1 at a degraded weight of 50% get traffic all the same', async () => {
  await using system = await startBench({ hosts: 3, haproxy: { serverOptions: 'weight 1' } })
  await using load = startLoad({ urls: system.fleet.frontends, requestsPerSecond: 40 })

  const loadBalancer = { degradedWeight: '50%' }
  const id = await startDeployment(system, { version: '1.0.0', concurrency: 1, loadBalancer })

  const { events, view } = await followToEnd(system, id)
  const shown = events.flatMap((event) => (event.type === 'servers.seen' ? event.servers : []))
  expect(view.deployment.state.status).toBe('succeeded')
  expect(shown.map(({ weight }) => weight).filter((weight) => weight !== 1)).toEqual([])
  const rows = await system.fleet.showServers()
  expect(rows.filter(({ adminState, weight }) => adminState !== 0 || weight !== 1)).toEqual([])
  expect((await load.stop()).failures).toEqual({})
})

test('a channel that is kept over a reload still speaks to the old worker: the new one is noticed and put right', async () => {
  await using system = await startBench({ hosts: 3 })
  const { fleet } = system
  await using load = startLoad({ urls: fleet.frontends, requestsPerSecond: 40 })
  const settings = { hooks: { beforeDeploy: ['test $VESEMIR_HOST != web-1 || sleep 3'] } }
  const id = await startDeployment(system, { version: '1.0.0', concurrency: 1, settings })
  await followUntil(system, id, startsStep('web-1', 'deploy'))
  // A request that is not complete keeps the old worker, and all that is connected to it, for as long as it may take.
  const lingering = connect({ host: fleet.boxes[0]!.address, port: fleet.ports.frontend })
  await once(lingering, 'connect')
  lingering.write('GET / HTTP/1.1\r\n')
  const tree = () => processTrees([findProcess(fleet, 'haproxy lb-1')]).length
  const before = tree()

  await fleet.reloadBox('lb-1')

  const isDrained = async () =>
    (await fleet.showServers()).some(
      ({ box, server, adminState }) => box === 'lb-1' && server === 'web-1' && (adminState & 8) !== 0,
    )
  await waitFor(isDrained, { what: 'the new worker has drained web-1', timeoutMs: 2_000 })
  expect(tree()).toBe(before + 1)
  const { events, view } = await followToEnd(system, id)
  lingering.destroy()
  expect(events).toContainEqual(expect.objectContaining({ type: 'servers.returned', host: 'web-1' }))
  expect(view.deployment.state.status).toBe('succeeded')
  expect(await untruths(fleet, view)).toEqual([])
  expect((await load.stop()).failures).toEqual({})
})

test('a server that is DOWN counts as drained', async () => {
  await using system = await startBench({ hosts: 2 })
  const { fleet } = system
  const asked = fleet.frontends.flatMap((url) => [1, 2].map(() => fetch(`${url}/slow`).catch(() => undefined)))
  const stuck = () =>
    fleet
      .showServers()
      .then((rows) =>
        rows.filter(({ server, opState, sessions }) => server === 'web-1' && opState === 0 && sessions > 0),
      )
  await waitFor(async () => (await fleet.showServers()).filter(({ sessions }) => sessions > 0).length === 4, {
    what: 'each box has a session on each server',
    timeoutMs: 2_000,
    pollMs: 5,
  })
  for (const { pid } of processTrees([findProcess(fleet, 'runsv web-1')]).slice(1)) process.kill(pid, 'SIGSTOP')
  await waitFor(async () => (await stuck()).length === 2, { what: 'web-1 is DOWN with sessions', timeoutMs: 20_000 })

  const loadBalancer = { drainTimeout: '20s', drainDeadline: '40s' }
  const id = await startDeployment(system, { version: '1.0.0', concurrency: 1, loadBalancer })

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
  await using system = await startBench({ hosts: 3 })
  // Every host has slow requests in hand all the time, those of the new version for longer than its whole way back.
  await using load = startLoad({ urls: system.fleet.frontends, requestsPerSecond: 20, slowShare: 1 })
  const behaviour = { slowMs: 4_000 }
  const id = await startDeployment(system, { version: '1.0.0', concurrency: 1, behaviour })

  const { events, view } = await followToEnd(system, id)

  const forSessions = events.filter((event) => event.type === 'step.waiting' && event.waitingFor.includes('sessions'))
  expect(view.deployment.state.status).toBe('succeeded')
  expect([...new Set(forSessions.map((event) => 'step' in event && event.step))]).toEqual(['drain'])
  expect((await load.stop()).failures).toEqual({})
})
