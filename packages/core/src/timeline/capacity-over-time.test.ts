import type { Plan, ServerState, Fact } from '@vesemir/contract'
import { aBalancedSpec, aPlan, aServer } from '@vesemir/contract/testing'
import { describe, expect, it } from 'vitest'
import { eventsOf, momentOf, queued } from '../testing/story.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SimulatedFleet } from '../testing/simulated-fleet.ts'
import { SimulatedWorkers } from '../testing/simulated-workers.ts'
import { capacityOverTime } from './capacity-over-time.ts'

const at = (seq: number) => new Date(momentOf(seq)).toISOString()
const names = ['web-1', 'web-2', 'web-3']
const request = (minHealthy: number | string): Fact => ({
  ...queued(),
  spec: aBalancedSpec({ loadBalancer: { backends: ['web'], minHealthy } }),
})
const plan = (inService?: number): Fact => ({
  type: 'deployment.planned',
  plan: { ...aPlan(names), ...(inService === undefined ? {} : { capacity: [capacity(inService)] }) },
})
const capacity = (inService: number): NonNullable<Plan['capacity']>[number] => ({
  box: 'lb1',
  backend: 'web',
  inService,
  least: 2,
  sessions: 0,
  sessionsPerSecond: 0,
})
const seen = (host: string, given: Partial<ServerState> = {}): Fact => ({
  type: 'servers.seen',
  host,
  servers: [aServer(host, given)],
})
const before = (host: string, leftOut = false): Fact => ({
  type: 'servers.snapshotted',
  host,
  servers: [aServer(host)],
  leftOut,
})

describe('capacity over time', () => {
  it('follows servers out of rotation and back', () => {
    const events = eventsOf(
      request(2),
      plan(6),
      before('web-1'),
      seen('web-1', { admin: 'drain' }),
      before('web-2'),
      seen('web-2', { admin: 'drain' }),
      seen('web-2', { admin: 'maint', health: 'down' }),
      seen('web-1', { weight: 50 }),
      seen('web-1'),
    )

    expect(capacityOverTime(events)).toEqual([
      {
        backend: 'web',
        boxes: ['lb1'],
        atStart: 6,
        points: [
          { at: at(2), inService: 6, needed: 2 },
          { at: at(4), inService: 5, needed: 2 },
          { at: at(6), inService: 4, needed: 2 },
          { at: at(8), inService: 5, needed: 2 },
        ],
        lowest: { at: at(6), inService: 4, needed: 2 },
      },
    ])
  })

  it('takes what a look at all servers counted for the truth', () => {
    const drained = aServer('web-1', { admin: 'drain' })
    const left = [{ box: 'lb1', backend: 'web', inService: 3, needed: 3 }]
    const look: Fact = { type: 'servers.seen', host: 'web-1', servers: [drained], left }
    const events = eventsOf(request('50%'), plan(6), before('web-1'), look)

    const [web] = capacityOverTime(events)
    expect(web!.points).toEqual([
      { at: at(2), inService: 6 },
      { at: at(4), inService: 3, needed: 3 },
    ])
    expect(web!.lowest).toEqual({ at: at(4), inService: 3, needed: 3 })
  })

  const drain = (host: string, inService: number, needed: number): Fact => ({
    type: 'servers.seen',
    host,
    servers: [aServer(host, { admin: 'drain' })],
    left: [{ box: 'lb1', backend: 'web', inService, needed }],
  })

  it('holds each moment against what was needed then, as another deployment may need more meanwhile', () => {
    const fine = capacityOverTime(
      eventsOf(request(2), plan(6), drain('web-1', 3, 2), seen('web-1'), drain('web-1', 4, 4)),
    )
    const lacking = capacityOverTime(
      eventsOf(request(2), plan(6), drain('web-1', 4, 4), seen('web-2', { health: 'down' })),
    )

    expect(fine[0]!.points.map(({ inService, needed }) => [inService, needed])).toEqual([
      [6, 2],
      [3, 2],
      [4, 2],
      [4, 4],
    ])
    expect(fine[0]!.lacking).toBeUndefined()
    expect(lacking[0]!.lacking).toEqual({ at: at(4), inService: 3, needed: 4 })
  })

  it('counts a server once that a look found back before its own walk told so', () => {
    const events = eventsOf(
      request(2),
      plan(6),
      drain('web-1', 5, 2),
      drain('web-2', 5, 2),
      seen('web-1'),
      seen('web-2'),
    )

    expect(capacityOverTime(events)[0]!.points.map(({ inService }) => inService)).toEqual([6, 5, 6])
  })

  it('gains a server that an earlier deployment left out', () => {
    const events = eventsOf(
      request('50%'),
      plan(5),
      before('web-1', true),
      seen('web-1', { admin: 'maint' }),
      seen('web-1'),
    )

    expect(capacityOverTime(events)).toMatchObject([{ lowest: { at: at(2), inService: 5 } }])
    expect(capacityOverTime(events)[0]!.points.at(-1)).toEqual({ at: at(5), inService: 6 })
  })

  it("counts the deployment's own servers where the plan does not say how many there are", () => {
    expect(capacityOverTime(eventsOf(request(1), plan()))).toMatchObject([{ atStart: 3, lowest: { needed: 1 } }])
  })

  it('shows boxes apart where they differ', () => {
    const both = aPlan(names)
    for (const host of both.hosts) host.servers.push({ ...host.servers[0]!, box: 'lb2' })
    const events = eventsOf(
      request(1),
      { type: 'deployment.planned', plan: both },
      {
        type: 'servers.seen',
        host: 'web-1',
        servers: [aServer('web-1', { admin: 'drain' }), aServer('web-1', { box: 'lb2', admin: 'drain' })],
      },
    )

    expect(capacityOverTime(events)).toMatchObject([{ boxes: ['lb1', 'lb2'], lowest: { inService: 2 } }])
    expect(capacityOverTime([...events, ...eventsOf(seen('web-1'))])).toMatchObject([
      { boxes: ['lb1'] },
      { boxes: ['lb2'] },
    ])
  })

  it('is what a whole deployment did, down to what the guard keeps, and back', async () => {
    const clock = new FakeClock()
    const fleet = new SimulatedFleet(clock, { hosts: 4, boxes: 1 })
    const spec = aBalancedSpec({ concurrency: '100%', loadBalancer: { minHealthy: 2 } })
    const workers = new SimulatedWorkers(clock, fleet, spec)

    await clock.run(workers.runToTheEnd())

    const [app] = capacityOverTime(workers.events)
    expect(app).toMatchObject({ atStart: 4, lowest: { inService: 2, needed: 2 } })
    expect(app!.points.at(-1)!.inService).toBe(4)
    const left = workers.events.flatMap((event) => (event.type === 'servers.seen' ? (event.left ?? []) : []))
    expect(left.map(({ inService, needed }) => [inService, needed])).toEqual([
      [3, 2],
      [2, 2],
      expect.any(Array),
      expect.any(Array),
    ])
  })

  it('knows nothing without a load balancer', () => {
    const hosts = aPlan(names).hosts.map((host) => ({ ...host, servers: [] }))

    expect(
      capacityOverTime(eventsOf(queued(), { type: 'deployment.planned', plan: { ...aPlan(names), hosts } })),
    ).toEqual([])
  })
})
