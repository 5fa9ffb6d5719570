import type { DeploymentSpec, ServerState } from '@vesemir/contract'
import { aBalancedSpec, aSpec, aServer as anyServer } from '@vesemir/contract/testing'
import { describe, expect, it, test } from 'vitest'
import { leastCapacity, warnOfLeastCapacity } from './least-capacity.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

/** All at once, as far as the guard lets them, but for what is given. */
function allAtOnce({ loadBalancer, ...changes }: Parameters<typeof aBalancedSpec>[0] = {}): DeploymentSpec {
  return aBalancedSpec({ concurrency: '100%', loadBalancer: { minHealthy: 0, ...loadBalancer }, ...changes })
}

const aServer = (server: string, given: Partial<ServerState> = {}) =>
  anyServer(server, { box: 'lb-1', backend: 'app', ...given })
const servers = (count: number) => Array.from({ length: count }, (_, index) => aServer(`web-${index + 1}`))

/** What is left of a backend: all but the last two are the deployment's. */
function leftOf(peers: ServerState[], { concurrency, minHealthy = 0 }: { concurrency: number; minHealthy?: unknown }) {
  const spec = allAtOnce({ loadBalancer: { minHealthy } })
  return leastCapacity(spec, {
    servers: peers.slice(0, -2).map((server) => [server]),
    peers,
    figures: [],
    concurrency,
  })[0]
}

describe('of a backend there stay in service', () => {
  test.for([
    ['what the window leaves', servers(6), { concurrency: 3 }, 6, 3],
    ["other deployments' servers, whatever the window", servers(6), { concurrency: 10 }, 6, 2],
    ['what the guard keeps', servers(6), { concurrency: 4, minHealthy: 5 }, 6, 5],
    ['a percentage that the guard keeps', servers(6), { concurrency: 4, minHealthy: '67%' }, 6, 5],
    ['no more than are in service', [...servers(3), aServer('web-4', { admin: 'maint' })], { concurrency: 1 }, 3, 2],
    [
      'a backup that steps in',
      [aServer('web-1'), aServer('b', { backup: true }), aServer('c', { backup: true })],
      { concurrency: 1 },
      1,
      1,
    ],
  ] as const)('%s', ([, peers, window, inService, least]) => {
    expect(leftOf([...peers], window)).toMatchObject({ inService, least })
  })
})

test('the load of now is held against the limit of the smallest servers that may be left', () => {
  const peers = servers(4)
  const figures = peers.map((server, index) => ({
    ...server,
    requests: 0,
    serverErrors: 0,
    connectionErrors: 0,
    countedBy: 'first',
    inService: true,
    responseTimeMs: 0,
    sessions: 30,
    sessionsPerSecond: 10,
    sessionLimit: 100 + index,
  }))

  const capacity = leastCapacity(allAtOnce(), {
    servers: peers.map((server) => [server]),
    peers,
    figures,
    concurrency: 3,
  })

  expect(warnOfLeastCapacity(capacity)).toEqual([
    'lb-1 app: at least 1 of 4 servers in service; load now: 120 sessions, 40 new per second; session limit then: 100',
  ])
})

test('half of what is in service is enough, unless it could not carry the sessions of now', () => {
  const half = { box: 'lb-1', backend: 'app', inService: 4, least: 2, sessions: 150, sessionsPerSecond: 0 }

  expect(warnOfLeastCapacity([half, { ...half, sessionLimit: 150 }])).toEqual([])
  expect(warnOfLeastCapacity([{ ...half, sessionLimit: 149 }])).toEqual([
    'lb-1 app: at least 2 of 4 servers in service; load now: 150 sessions, 0 new per second; session limit then: 149',
  ])
})

describe('a deployment that leaves less than half', () => {
  const aRollout = (changes: Record<string, unknown>) => {
    const clock = new FakeClock()
    const fleet = new SimulatedFleet(clock, { hosts: 4, boxes: 1 })
    const workers = new SimulatedWorkers(clock, fleet, allAtOnce(changes))
    return { fleet, workers, run: () => clock.run(workers.runToTheEnd()) }
  }

  it('ends before any drain, in figures, when nobody accepted it', async () => {
    const { fleet, workers, run } = aRollout({ concurrency: 3 })
    const before = structuredClone(fleet.lines)

    await run()

    const { state, plan } = workers.view.deployment
    expect(state).toMatchObject({
      status: 'failed',
      failure: {
        code: 'CAPACITY_LOW',
        message:
          'less than half would stay in service, and low capacity is not accepted: lb-1 app: at least 1 of 4 servers in service; load now: 8 sessions, 40 new per second',
        hint: expect.stringContaining('--yes') as string,
      },
    })
    expect(plan).toBeUndefined()
    expect(fleet.lines).toEqual(before)
  })

  it('goes on when it was accepted, and so does its way back, and its plan warns', async () => {
    const { workers, run } = aRollout({ acceptLowCapacity: true })

    await run()
    workers.command({ command: 'rollback' })
    await run()

    const { state, plan } = workers.view.deployment
    expect(state.status).toBe('rolled-back')
    expect(plan?.warnings).toEqual([
      'lb-1 app: at least 0 of 4 servers in service; load now: 8 sessions, 40 new per second',
    ])
  })

  it.each([
    ['the guard keeps half', allAtOnce({ loadBalancer: { minHealthy: 2 } })],
    ['no load balancer is there', aSpec({ concurrency: '100%' })],
  ])('is none where %s', async (_, spec) => {
    const clock = new FakeClock()
    const backends = spec.loadBalancer.kind === 'none' ? [] : ['app']
    const workers = new SimulatedWorkers(clock, new SimulatedFleet(clock, { hosts: 4, backends }), spec)

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state.status).toBe('succeeded')
  })
})

test('a host that is several servers of a backend takes all of them out', () => {
  const peers = servers(6)
  const hosts = [peers.slice(0, 2), peers.slice(2, 4)]

  const [app] = leastCapacity(allAtOnce({ loadBalancer: { minHealthy: 0 } }), {
    servers: hosts,
    peers,
    figures: [],
    concurrency: 1,
  })

  expect(app).toMatchObject({ inService: 6, least: 4 })
})
