import { expect, test } from 'vitest'
import { holdLeftServer } from './hold-left-server.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { InMemoryJournal } from './testing/in-memory-journal.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'

/** A fleet of which web-1 was left in maintenance by a deployment, and what a worker does when it looks. */
async function aFleetWithLeftServer() {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts: 2, boxes: 1 })
  const journal = new InMemoryJournal()
  const [server] = fleet.serversOf('web-1') as [ReturnType<typeof fleet.serversOf>[0]]
  const by = { deploymentId: 'd-1', host: 'web-1' }
  await journal.note([{ server: fleet.show([server])[0]!, weights: [100, 50] }], by)
  await journal.leave([server], by)
  const { signal } = new AbortController()
  const balancer = await fleet.loadBalancer.open([], undefined as never)
  const line = fleet.lines.find(({ host }) => host === 'web-1')!
  line.admin = 'maint'
  const isOwned = { now: false }
  const look = async () => {
    const [left] = await journal.listLeft()
    return left && holdLeftServer(left, { balancer, journal, isBeingPutBack: async () => isOwned.now }, signal)
  }
  return { fleet, journal, balancer, line, look, by, server, isOwned }
}

test('a server that is still held is left as it is', async () => {
  const { line, look, journal } = await aFleetWithLeftServer()

  expect(await look()).toBe('held')

  expect(line.admin).toBe('maint')
  expect(journal.left).toMatchObject([{ heldIn: 'lb-1 0' }])
})

test.for([
  ['that was looked at before', 1],
  ['that nobody has looked at yet', 0],
] as const)('a server %s, and whose box is reloaded, is held again, and the journal says so', async ([, looks]) => {
  const { fleet, line, look, journal } = await aFleetWithLeftServer()
  for (const _ of Array.from({ length: looks })) await look()

  fleet.reload('lb-1')

  expect(await look()).toBe('held-again')
  expect(line.admin).toBe('maint')
  expect((await journal.listLeft())[0]).toMatchObject({ heldIn: 'lb-1 1', heldAgainAt: expect.any(String) as string })
  expect(await look()).toBe('held')
})

test('a server whose agent is asked again after a reload is held again, and not before', async () => {
  const { fleet, line, look, balancer } = await aFleetWithLeftServer()
  await look()
  line.agentChecked = true

  expect(await look()).toBe('held')

  fleet.reload('lb-1')
  // As where the box keeps states over a reload.
  line.admin = 'maint'
  expect(await look()).toBe('held-again')
  expect(await balancer.read([line.ref])).not.toHaveProperty('0.agentChecked')
})

test('a server that a person puts back is theirs, also when its box is reloaded afterwards', async () => {
  const { fleet, line, look, journal } = await aFleetWithLeftServer()
  await look()
  line.admin = 'ready'

  expect(await look()).toBe('taken-back')

  fleet.reload('lb-1')
  expect(await look()).toBeUndefined()
  expect(line.admin).toBe('ready')
  expect(journal.entries).toEqual([])
})

test('the journal keeps the weight of one that a person puts back at the reduced one', async () => {
  const { line, look, journal } = await aFleetWithLeftServer()
  await look()
  Object.assign(line, { admin: 'ready', weight: 50 })

  expect(await look()).toBe('taken-back')

  expect(journal.left).toEqual([])
  expect(journal.entries).toMatchObject([{ server: { weight: 100 } }])
})

test('a person puts back what was held again after a reload: that is not undone a second time', async () => {
  const { fleet, line, look } = await aFleetWithLeftServer()
  fleet.reload('lb-1')
  await look()
  line.admin = 'ready'

  expect(await look()).toBe('taken-back')

  expect(line.admin).toBe('ready')
})

test('a server that a walk takes up while it is looked at is the walk’s', async () => {
  const { fleet, line, journal, balancer, look, by, server } = await aFleetWithLeftServer()
  fleet.reload('lb-1')
  const read = balancer.read.bind(balancer)
  balancer.read = async (servers) => {
    await journal.note([{ server: fleet.show([server])[0]!, weights: [100, 50] }], by)
    return read(servers)
  }

  expect(await look()).toBe('gone')

  expect(line.admin).toBe('ready')
})

test('a server that lb doctor puts back is left to it', async () => {
  const { fleet, line, look, isOwned } = await aFleetWithLeftServer()
  fleet.reload('lb-1')
  isOwned.now = true

  expect(await look()).toBe('gone')

  expect(line.admin).toBe('ready')
})

test('a reload between two looks at the process says nothing yet', async () => {
  const { fleet, line, balancer, look } = await aFleetWithLeftServer()
  await look()
  const read = balancer.read.bind(balancer)
  balancer.read = async (servers) => {
    balancer.read = read
    fleet.reload('lb-1')
    return read(servers)
  }

  expect(await look()).toBe('held')
  expect(line.admin).toBe('ready')
  expect(await look()).toBe('held-again')
})

test('a server that stands for another machine now is nobody’s to hold', async () => {
  const { fleet, line, look, journal, by, server } = await aFleetWithLeftServer()
  await journal.release([server])
  await journal.leave([{ ...server, endpoint: { address: '10.0.0.1', port: 80 } }], by)
  line.ref = { ...server, endpoint: { address: '10.0.0.2', port: 80 } }
  fleet.reload('lb-1')

  expect(await look()).toBe('moved')

  expect(line.admin).toBe('ready')
  expect(journal.left).toEqual([])
})
