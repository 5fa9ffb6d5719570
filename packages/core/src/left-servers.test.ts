import { HaproxySettings, type Deployment } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { findLeftServers } from './left-servers.ts'
import { putBackServers } from './put-back-servers.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { InMemoryJournal } from './testing/in-memory-journal.ts'
import { InMemoryOwners } from './testing/in-memory-owners.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'

const ended = { status: 'failed', endedAt: '2026-01-01T00:00:00Z', failure: { code: 'HOSTS_FAILED', message: '' } }

/** A fleet of which web-1 was drained by a deployment and left so. */
async function aFleetWithLeftServers({ state = ended }: { state?: object } = {}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts: 2, boxes: 1 })
  const journal = new InMemoryJournal()
  const servers = fleet.serversOf('web-1')
  const noted = fleet.show(servers).map((server) => ({ server, weights: [100, 50] }))
  await journal.note(noted, { deploymentId: 'd-1', host: 'web-1' })
  for (const line of fleet.lines.filter(({ host }) => host === 'web-1')) line.admin = 'drain'
  const host = { target: { name: 'web-1' }, seen: fleet.show(servers) }
  const loadBalancer = HaproxySettings.parse({ kind: 'haproxy', boxes: { tags: ['lb'] }, backends: ['app'] })
  const spec = { loadBalancer }
  const left = {
    deployment: { id: 'd-1', state, spec: { ...spec, cluster: 'eu' } } as unknown as Deployment,
    hosts: [host] as never,
    entries: await journal.list(),
  }
  const { signal } = new AbortController()
  const ports = { loadBalancer: fleet.loadBalancer, journal, owners: new InMemoryOwners(), clock }
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

  const found = await clock.run(putBackServers(left, ports, { doctor: 'doctor', signal }))

  expect(found).toMatchObject([{ action: 'restored', state: { admin: 'ready', weight: 100, health: 'up' } }])
  expect(journal.entries).toEqual([])
  expect(fleet.violations).toEqual([])
})

test('one that is not healthy stays out, with the reason', async () => {
  const { clock, fleet, journal, left, ports, signal } = await aFleetWithLeftServers()
  fleet.machines.get('web-1')!.fault = 'check-never-passes'

  const found = await clock.run(putBackServers(left, ports, { doctor: 'doctor', signal }))

  expect(found).toMatchObject([{ action: 'failed', detail: expect.stringContaining('did not pass in time') as string }])
  expect(fleet.lines[0]?.admin).toBe('drain')
  expect(journal.entries).toHaveLength(1)
})

test.for([
  ['what a deployment still works on', { state: { status: 'running' } }, 'drain', 'in-use'],
  ['what a person has put into maintenance since', {}, 'maint', 'changed'],
  ['what is back', {}, 'ready', 'back'],
] as const)('%s is left alone', async ([, given, admin, verdict]) => {
  const { clock, fleet, left, ports, signal } = await aFleetWithLeftServers(given)
  fleet.lines[0]!.admin = admin

  const found = await clock.run(putBackServers(left, ports, { doctor: 'doctor', signal }))

  expect(found).toMatchObject([{ verdict, action: 'none' }])
  expect(fleet.lines[0]?.admin).toBe(admin)
})

test('what is back at the reduced weight gets its weight alone, and stays in the journal until it has it', async () => {
  const { clock, fleet, journal, left, ports, signal } = await aFleetWithLeftServers()
  Object.assign(fleet.lines[0]!, { admin: 'ready', weight: 50 })

  const looked = await findLeftServers(left, ports, signal)
  const kept = journal.entries.length
  const found = await clock.run(putBackServers(left, ports, { doctor: 'doctor', signal }))

  expect(looked).toMatchObject([{ verdict: 'reduced', action: 'restorable', detail: 'weight is 50, was 100' }])
  expect(kept).toBe(1)
  expect(found).toMatchObject([{ action: 'restored', state: { admin: 'ready', weight: 100 } }])
  expect(journal.entries).toEqual([])
})

test('a weight that a person has set is theirs, and the journal keeps what the server was', async () => {
  const { clock, fleet, journal, left, ports, signal } = await aFleetWithLeftServers()
  Object.assign(fleet.lines[0]!, { admin: 'ready', weight: 7 })

  const found = await clock.run(putBackServers(left, ports, { doctor: 'doctor', signal }))

  expect(found).toMatchObject([{ verdict: 'changed', action: 'none' }])
  expect(fleet.lines[0]?.weight).toBe(7)
  expect(journal.entries).toHaveLength(1)
})

test('what a person took out in the same way as Vesemir does is never put back', async () => {
  const { clock, fleet, journal, left, ports, signal } = await aFleetWithLeftServers()
  await journal.cede(fleet.serversOf('web-1'))
  const known = { ...left, entries: await journal.list() }

  const found = await clock.run(putBackServers(known, ports, { doctor: 'doctor', signal }))

  expect(found).toMatchObject([{ verdict: 'changed', action: 'none', detail: 'set to drain by someone else' }])
  expect(fleet.lines[0]?.admin).toBe('drain')
})

test('what a walk owns is in use, and is left to it also when the walk comes while it is put back', async () => {
  const { clock, fleet, left, ports, signal } = await aFleetWithLeftServers()
  const [server] = [{ scope: 'servers/eu/lb-1/app', name: 'web-1' }]
  const walk = { id: 'd-2/web-1', name: 'd-2 (billing)' }
  const take = ports.owners.take.bind(ports.owners)
  await take([server], walk)
  const before = await clock.run(putBackServers(left, ports, { doctor: 'doctor', signal }))
  await ports.owners.free([server], walk.id)
  ports.owners.take = async (resources, owner) => {
    if (fleet.lines[0]!.downSinceMs !== undefined)
      await ports.owners.free(resources, owner.id).then(() => take([server], walk))
    return take(resources, owner)
  }

  const during = await clock.run(putBackServers(left, ports, { doctor: 'doctor', signal }))

  expect(before).toMatchObject([{ verdict: 'in-use', action: 'none', detail: 'by d-2 (billing)' }])
  expect(during).toMatchObject([{ action: 'failed', detail: 'lb-1 app/web-1 was taken by d-2 (billing)' }])
  expect(fleet.lines[0]?.admin).toBe('drain')
})

test('a server that is another machine now is reported, and not put back', async () => {
  const { clock, fleet, journal, ports, left, signal } = await aFleetWithLeftServers()
  const [line] = fleet.lines
  const [entry] = await journal.list()
  const at = (address: string) => ({ endpoint: { address, port: 80 } })
  line!.ref = { ...line!.ref, ...at('10.0.0.2') }
  const moved = { ...left, entries: [{ ...entry!, server: { ...entry!.server, ...at('10.0.0.1') } }] }

  const found = await clock.run(putBackServers(moved, ports, { doctor: 'doctor', signal }))

  const detail = 'lb-1 app/web-1 moved from 10.0.0.1:80 to 10.0.0.2:80'
  expect(found).toMatchObject([{ verdict: 'changed', action: 'none', detail }])
  expect(line!.admin).toBe('drain')
})
