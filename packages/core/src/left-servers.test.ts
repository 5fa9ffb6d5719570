import { HaproxySettings, type Deployment } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { findLeftServers, putBackServers } from './left-servers.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { InMemoryJournal } from './testing/in-memory-record.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'

const ended = { status: 'failed', endedAt: '2026-01-01T00:00:00Z', failure: { code: 'HOSTS_FAILED', message: '' } }

/** A fleet of which web-1 was drained by a deployment and left so. */
async function aFleetWithLeftServers({ state = ended }: { state?: object } = {}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts: 2, boxes: 1 })
  const journal = new InMemoryJournal()
  const servers = fleet.serversOf('web-1')
  await journal.note(fleet.show(servers))
  for (const line of fleet.lines.filter(({ host }) => host === 'web-1')) line.admin = 'drain'
  const host = { target: { name: 'web-1' }, seen: fleet.show(servers) }
  const loadBalancer = HaproxySettings.parse({ kind: 'haproxy', boxes: { tags: ['lb'] }, backends: ['app'] })
  const spec = { loadBalancer }
  const left = {
    deployment: { id: 'd-1', state, spec } as unknown as Deployment,
    hosts: [host] as never,
    entries: await journal.list(),
  }
  const { signal } = new AbortController()
  const ports = { loadBalancer: fleet.loadBalancer, journal, clock }
  return { clock, fleet, journal, left, ports, signal }
}

test('a server that a deployment left is found, and changed by nobody who only looks', async () => {
  const { fleet, left, ports, signal } = await aFleetWithLeftServers()

  const found = await findLeftServers(left, ports, signal)

  expect(found).toMatchObject([{ host: 'web-1', deployment: 'd-1', verdict: 'left-out', action: 'restorable' }])
  expect(fleet.lines[0]?.admin).toBe('drain')
})

test('it is put back at its weight once its box has proved it, and struck from the journal', async () => {
  const { clock, fleet, journal, left, ports, signal } = await aFleetWithLeftServers()

  const found = await clock.run(putBackServers(left, ports, signal))

  expect(found).toMatchObject([{ action: 'restored', state: { admin: 'ready', weight: 100, health: 'up' } }])
  expect(journal.kept).toEqual([])
  expect(fleet.violations).toEqual([])
})

test('one that is not healthy stays out, and the reason is told', async () => {
  const { clock, fleet, journal, left, ports, signal } = await aFleetWithLeftServers()
  fleet.machines.get('web-1')!.fault = 'check-never-passes'

  const found = await clock.run(putBackServers(left, ports, signal))

  expect(found).toMatchObject([{ action: 'failed', detail: expect.stringContaining('did not pass in time') as string }])
  expect(fleet.lines[0]?.admin).toBe('drain')
  expect(journal.kept).toHaveLength(1)
})

test.for([
  ['what a deployment still works on', { state: { status: 'running' } }, 'drain', 'in-use'],
  ['what a person has put into maintenance since', {}, 'maint', 'changed'],
  ['what is back', {}, 'ready', 'back'],
] as const)('%s is left alone', async ([, given, admin, verdict]) => {
  const { clock, fleet, left, ports, signal } = await aFleetWithLeftServers(given)
  fleet.lines[0]!.admin = admin

  const found = await clock.run(putBackServers(left, ports, signal))

  expect(found).toMatchObject([{ verdict, action: 'none' }])
  expect(fleet.lines[0]?.admin).toBe(admin)
})
