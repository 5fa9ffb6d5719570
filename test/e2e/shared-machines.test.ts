import { join } from 'node:path'
import type { DeploymentEvent } from '@vesemir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { socketPath } from '../../infra/fleet/fleet-state.ts'
import { askHaproxy } from '../../infra/fleet/haproxy-socket.ts'
import { startLoad } from '../../infra/load/start-load.ts'
import { buildArtifact } from '../../infra/sample-app/build-artifact.ts'
import { sampleDefinition } from '../../infra/vesemir/sample-definition.ts'
import { cluster } from '../../infra/vesemir/worker-settings.ts'
import { ends, followToEnd, followUntil, startsStep } from '../faults/follow.ts'
import { startDeployment } from '../faults/start-deployment.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { untruths } from '../support/untruths.ts'

// One owner of machines and servers, the originals in the journal, and what people set by hand.

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 3, neighbours: ['orders'] }, haproxy: { answerTimeout: '2s' } })
})
afterAll(() => system?.[Symbol.asyncDispose]())

const rows = async () => {
  const servers = await system.fleet.showServers()
  return servers.filter(({ backend }) => backend === system.fleet.application)
}
const weightsOf = async (host: string) =>
  (await rows()).flatMap(({ server, weight }) => (server === host ? weight : []))
const doctor = async (...options: string[]) =>
  (await system.cli('lb', 'doctor', '--cluster', cluster, ...options)).stdout

/** Starts a deployment of the second application to the same machines, which are in both backends. */
async function startNeighbour(version: string): Promise<string> {
  const { fleet, client } = system
  const artifacts = join(fleet.dir, 'artifacts')
  await buildArtifact({ version, folder: artifacts, application: 'orders' })
  const definition = sampleDefinition(fleet, artifacts, { application: 'orders' })
  const loadBalancer = {
    ...definition.loadBalancer,
    backends: [fleet.application, 'orders'],
    degradationTime: '600ms',
  } as typeof definition.loadBalancer
  await client.putApplication({ ...definition, loadBalancer })
  const acceptLowCapacity = true
  const wanted = { application: 'orders', environment: fleet.environment, version, concurrency: 2, acceptLowCapacity }
  return (await client.createDeployment(wanted)).id
}

/** Each host's time in a deployment's hands, from its drain to its end. */
function spansOf(events: readonly DeploymentEvent[]): Map<string, [from: string, to: string]> {
  const spans = new Map<string, [string, string]>()
  for (const event of events) {
    if (event.type === 'step.started' && event.step === 'drain' && !spans.has(event.host))
      spans.set(event.host, [event.at, ''])
    if (event.type === 'host.ended') spans.set(event.host, [spans.get(event.host)![0], event.at])
  }
  return spans
}

test('two applications are deployed to the same machines at once: each machine to one at a time, and no request fails', async () => {
  const { fleet } = system
  await using load = startLoad({ urls: fleet.frontends, requestsPerSecond: 30, resendOnClosed: true })
  const [payments, orders] = await Promise.all([
    startDeployment(system, { version: '1.0.0', concurrency: 2 }),
    startNeighbour('1.0.0'),
  ])

  const [first, second] = await Promise.all([followToEnd(system, payments), followToEnd(system, orders)])

  for (const { view } of [first, second])
    expect(ends(view)).toEqual(fleet.hosts.map(({ name }) => `${name} succeeded restored`))
  const [spans, others] = [spansOf(first.events), spansOf(second.events)]
  for (const [host, [from, to]] of spans) {
    const [otherFrom, otherTo] = others.get(host)!
    expect(to <= otherFrom || otherTo <= from, `${host}: ${from} to ${to}, and ${otherFrom} to ${otherTo}`).toBe(true)
  }
  const reasons = [...first.events, ...second.events].flatMap((event) =>
    event.type === 'step.waiting' ? [event.waitingFor] : [],
  )
  expect(reasons).toContainEqual(expect.stringMatching(/^d-\d+ \((payments|orders)\), which is deploying to web-\d$/))
  expect(await untruths(fleet, first.view)).toEqual([])
  expect((await load.stop()).failures).toEqual({})
})

test('the guard notes the figures that it decided by', async () => {
  const id = await startDeployment(system, { version: '1.1.0', concurrency: 1 })

  const { view } = await followToEnd(system, id)

  const guards = view.hosts.map(({ steps }) => steps.find(({ step }) => step === 'guard')?.note)
  expect(guards).toEqual(Array(3).fill('2 stay in service on lb-1, 2 on lb-2; 1 needed'))
})

test('a weight that an unreachable box left behind is reported by lb doctor, and is not the original of the next deployment', async () => {
  const { fleet } = system
  const soak = { degradedWeight: '30%', degradationTime: '20s' }
  const id = await startDeployment(system, { version: '1.2.0', concurrency: 1, loadBalancer: soak })
  await followUntil(system, id, startsStep('web-1', 'soak'))
  await fleet.stopBox('lb-2')
  const { view } = await followToEnd(system, id)
  await fleet.startBox('lb-2')

  const left = await weightsOf('web-1')
  const told = await doctor()
  const next = await followToEnd(system, await startDeployment(system, { version: '1.3.0', concurrency: 1 }))

  expect(ends(view)[0]).toBe('web-1 failed unknown')
  expect(left).toEqual([30, 100])
  expect(told).toContain('left at a reduced weight by Vesemir')
  expect(next.view.deployment.state.status).toBe('succeeded')
  expect(await weightsOf('web-1')).toEqual([100, 100])
  expect(await untruths(fleet, next.view)).toEqual([])
})

test('maintenance that a person sets in a soak is theirs: no fix and no deployment undoes it', async () => {
  const { fleet } = system
  const set = (state: string) =>
    askHaproxy(socketPath(fleet, 'lb-1'), `set server ${fleet.application}/web-1 state ${state}`)
  const soak = { degradedWeight: '30%', degradationTime: '20s' }
  const id = await startDeployment(system, { version: '1.4.0', concurrency: 1, loadBalancer: soak })
  await followUntil(system, id, (event) => event.type === 'step.waiting' && event.step === 'soak')
  await set('maint')
  const { view } = await followToEnd(system, id)

  const told = await doctor()
  await doctor('--fix')
  const next = await followToEnd(system, await startDeployment(system, { version: '1.5.0', concurrency: 1 }))
  const held = (await rows()).find(({ box, server }) => box === 'lb-1' && server === 'web-1')
  await set('ready')
  await doctor('--fix')

  expect(view.hosts[0]?.state).toMatchObject({ status: 'failed', failure: { code: 'SERVER_NOT_IN_SERVICE' } })
  expect(told).toContain('changed by someone else')
  expect(ends(next.view)[0]).toBe('web-1 skipped untouched')
  expect(held?.adminState).toBe(1)
  expect(await weightsOf('web-1')).toEqual([100, 100])
})
