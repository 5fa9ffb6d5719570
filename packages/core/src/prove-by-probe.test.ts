import { HealthCheck, type DeploymentSpec } from '@vesemir/contract'
import { aBalancedSpec, aServer } from '@vesemir/contract/testing'
import { describe, expect, it, test } from 'vitest'
import { probeLack } from './prove-by-probe.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

describe('a box can ask a server what the health check asks', () => {
  const at = (endpoint: { address: string; port: number }) => aServer('web-1', { endpoint })
  const http = { kind: 'http', port: 8080 }

  test.for([
    ['at the port of the check', http, { address: '10.0.0.1', port: 8080 }, undefined],
    [
      'not at another',
      http,
      { address: '10.0.0.1', port: 443 },
      'the health check is at port 8080, and lb1 web/web-1 at 443',
    ],
    ['not without an address', http, { address: '', port: 0 }, 'lb1 web/web-1 has no address'],
    [
      'not by a command',
      { kind: 'command', command: 'true' },
      { address: '10.0.0.1', port: 8080 },
      'the health check is a command, which runs on the host',
    ],
  ] as const)('%s', ([, check, endpoint, lack]) => {
    expect(probeLack({ healthCheck: HealthCheck.parse(check) }, at(endpoint))).toBe(lack)
  })
})

function aRollout(loadBalancer: object, healthCheck: object = {}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts: 2, boxes: 2 })
  const spec: DeploymentSpec = aBalancedSpec({
    acceptLowCapacity: true,
    loadBalancer: { degradationTime: '10s', healthyTimeout: '5s', ...loadBalancer },
    healthCheck: { successes: 1, ...healthCheck },
  })
  const workers = new SimulatedWorkers(clock, fleet, spec)
  const seen = () => workers.events.flatMap((event) => (event.type === 'servers.seen' ? event.servers : []))
  return { clock, fleet, workers, seen, run: () => clock.run(workers.runToTheEnd()) }
}

describe('a host that is proven by a probe', () => {
  it('comes back from maintenance, without a check, and stays at its reduced weight until one has passed', async () => {
    const { workers, seen, run } = aRollout({ proof: 'probe', degradationTime: '100ms' })

    await run()

    const own = seen().filter(({ server }) => server === 'web-1')
    expect(own.map(({ admin, weight }) => `${admin} ${weight}`)).toEqual([
      ...Array<string>(2).fill('drain 100'),
      ...Array<string>(2).fill('maint 100'),
      ...Array<string>(2).fill('ready 50'),
      ...Array<string>(2).fill('ready 100'),
    ])
    expect(own.filter(({ weight, unconfirmed }) => weight === 100 && unconfirmed)).toEqual([])
    expect(workers.view.deployment.state.status).toBe('succeeded')
  })

  it('gets its full weight at once without a degradation time', async () => {
    const { seen, run } = aRollout({ proof: 'probe', degradationTime: '0s' })

    await run()

    expect(seen().filter(({ weight, unconfirmed }) => weight === 50 && unconfirmed)).toHaveLength(4)
  })

  it("is taken out again when the load balancer's own check does not confirm it", async () => {
    const { fleet, workers, run } = aRollout({ proof: 'probe' })
    fleet.machines.get('web-1')!.fault = 'check-never-passes'

    await run()

    expect(workers.host('web-1').state).toMatchObject({
      status: 'failed',
      traffic: 'drained',
      failure: { code: 'SERVER_UNHEALTHY' },
    })
    expect(workers.host('web-1').steps.at(-1)).toMatchObject({ step: 'soak', status: 'failed' })
  })

  it('fails at once when another version answers', async () => {
    const { fleet, workers, run } = aRollout({ proof: 'probe' })
    workers.atStep('enable', () => (fleet.machines.get('web-1')!.running = '1.0.0'))

    await run()

    expect(workers.host('web-1').state).toMatchObject({ status: 'failed', failure: { code: 'VERSION_CHANGED' } })
    expect(workers.host('web-1').steps.at(-1)).toMatchObject({ step: 'enable', status: 'failed' })
  })

  it('gets no traffic while one of its boxes cannot reach the application', async () => {
    const { fleet, workers, run } = aRollout({ proof: 'probe' })
    fleet.deafBoxes.add('lb-2')

    await run()

    expect(workers.host('web-1').state).toMatchObject({
      status: 'failed',
      traffic: 'drained',
      failure: {
        code: 'SERVER_UNHEALTHY',
        message: expect.stringContaining('lb-2 app/web-1 did not pass the health check from its box') as string,
      },
    })
  })

  it("is proven by the load balancer's own check too, where both are wanted", async () => {
    const { seen, run } = aRollout({ proof: 'both' })

    await run()

    const own = seen().filter(({ server, box }) => server === 'web-1' && box === 'lb-1')
    expect(own.map(({ admin, health }) => `${admin} ${health}`).slice(0, 4)).toEqual([
      'drain up',
      'maint up',
      'drain down',
      'ready up',
    ])
  })

  it.each([
    ['a box has nothing to ask with', (fleet: SimulatedFleet) => (fleet.cannotProbe = true), {}],
    ['the health check is at another port', () => {}, { port: 81 }],
  ])("is proven by the load balancer's own check where %s", async (_, prepare, healthCheck) => {
    const { fleet, workers, seen, run } = aRollout({ proof: 'probe' }, healthCheck)
    prepare(fleet)

    await run()

    expect(seen()).toContainEqual(expect.objectContaining({ admin: 'drain', health: 'down' }))
    expect(workers.view.deployment.state.status).toBe('succeeded')
  })

  it('is proven by the check on its way back, where no time at a reduced weight follows', async () => {
    const { workers, seen, run } = aRollout({ proof: 'probe' })
    workers.commandAtStep('restart', { command: 'cancel', now: true })

    await run()

    expect(workers.host('web-1').state.status).toBe('rolled-back')
    expect(seen()).toContainEqual(expect.objectContaining({ admin: 'drain', health: 'down' }))
  })
})

test('no host is drained on the strength of one that is not confirmed yet', async () => {
  const { fleet, workers, run } = aRollout({ proof: 'probe', minHealthy: 1, degradationTime: '0s' })
  fleet.minHealthy = 1
  fleet.machines.get('web-1')!.fault = 'check-never-passes'

  await run()

  expect(workers.host('web-2').state).toMatchObject({ status: 'failed', failure: { code: 'GUARD_REFUSED' } })
  expect(fleet.violations).toEqual([])
})

test('a server that the load balancer does not check is asked, whatever the setting', async () => {
  const { fleet, workers, run } = aRollout({ proof: 'check' })
  fleet.isUnchecked = true
  fleet.deafBoxes.add('lb-1')

  await run()

  expect(workers.host('web-1').state).toMatchObject({ status: 'failed', failure: { code: 'SERVER_UNHEALTHY' } })
})
