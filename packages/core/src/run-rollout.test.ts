import { Proof, type DeploymentSpec } from '@vesemir/contract'
import { aBalancedSpec } from '@vesemir/contract/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet, faults, type FleetOptions } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

const spec = aBalancedSpec({
  concurrency: 2,
  acceptLowCapacity: true,
  loadBalancer: {
    minHealthy: 1,
    guardTimeout: '3m',
    drainTimeout: '30s',
    drainDeadline: '60s',
    onDrainTimeout: 'abort',
    healthyTimeout: '30s',
    degradedWeight: '50%',
    degradationTime: '10s',
  },
  changeset: { strategy: 'command', commands: ['true'], timeout: '1m' },
  service: { restart: 'true', timeout: '1m' },
  healthCheck: { address: 'loopback', interval: '500ms', timeout: '2s', successes: 2 },
})

function aRollout({
  fleet: options,
  minHealthy = 1,
  concurrency = 2,
  proof = 'check',
}: {
  fleet: FleetOptions
  minHealthy?: number
  concurrency?: number
  proof?: Proof
}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, options)
  fleet.minHealthy = minHealthy
  const loadBalancer = { ...spec.loadBalancer, minHealthy, proof } as DeploymentSpec['loadBalancer']
  const workers = new SimulatedWorkers(clock, fleet, { ...spec, concurrency, loadBalancer })
  return { clock, fleet, workers }
}

describe('a rollout', () => {
  it('takes every host through the walk and leaves all as it was, with the new version', async () => {
    const { clock, fleet, workers } = aRollout({ fleet: { hosts: 6 } })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state.status).toBe('succeeded')
    expect(workers.view.hosts.map(({ state }) => state)).toMatchObject(
      Array(6).fill({ status: 'succeeded', traffic: 'restored' }),
    )
    expect([...fleet.machines.values()].map(({ running }) => running)).toEqual(Array(6).fill('2.0.0'))
    expect(
      fleet.show(fleet.lines.map(({ ref }) => ref)).every(({ admin, weight }) => admin === 'ready' && weight === 100),
    ).toBe(true)
    expect(fleet.violations).toEqual([])
  })

  it('waits for capacity when more hosts are asked for at once than can be spared', async () => {
    const { clock, fleet, workers } = aRollout({ fleet: { hosts: 4 }, minHealthy: 3, concurrency: 4 })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state.status).toBe('succeeded')
    expect(fleet.violations).toEqual([])
  })

  it('never drains the last server in service, also when it is down for a moment', async () => {
    const { clock, fleet, workers } = aRollout({ fleet: { hosts: 2 }, concurrency: 1 })
    for (const line of fleet.lines.filter(({ host }) => host === 'web-2')) line.admin = 'maint'
    workers.onFirst('host.claimed', () => fleet.takeDown('web-1', { forMs: 5000 }))

    await clock.run(workers.runToTheEnd())

    expect(workers.host('web-1').state).toMatchObject({
      status: 'failed',
      traffic: 'untouched',
      failure: {
        code: 'GUARD_REFUSED',
        message: 'without web-1, 0 of 2 servers of app on lb-1 would stay in service, 1 needed',
      },
    })
    expect(fleet.lines.filter(({ host }) => host === 'web-1').every(({ admin }) => admin === 'ready')).toBe(true)
  })

  it('deploys to a fleet that is all down, once it has been down for a while, and says that it costs nothing', async () => {
    const { clock, fleet, workers } = aRollout({ fleet: { hosts: 2 }, concurrency: 1 })
    fleet.minHealthy = 0
    for (const host of ['web-1', 'web-2']) fleet.takeDown(host, { forMs: 120_000 })

    await clock.run(workers.runToTheEnd())

    expect(workers.host('web-1').state).toMatchObject({ status: 'succeeded' })
    expect(workers.host('web-1').steps.find(({ step }) => step === 'guard')).toMatchObject({
      note: 'gets no traffic on lb-1, on lb-2: costs nothing there',
    })
  })

  it('starts no host after one has failed, and leaves that one drained', async () => {
    const { clock, fleet, workers } = aRollout({ fleet: { hosts: 6 } })
    fleet.machines.get('web-2')!.fault = 'never-healthy'

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toMatchObject({
      status: 'failed',
      failure: { code: 'HOSTS_FAILED', message: 'hosts: 1 failed, 2 not started, 3 succeeded' },
    })
    expect(workers.host('web-2').state).toMatchObject({
      status: 'failed',
      traffic: 'drained',
      failure: { code: 'HEALTH_CHECK_FAILED', message: 'web-2 was not healthy in 30s: / returned 503, expected 200' },
    })
    expect(workers.view.deployment.state).toMatchObject({
      failure: { hint: expect.stringContaining('any other receives no traffic until a deployment succeeds') as string },
    })
    expect(fleet.violations).toEqual([])
  })

  it('takes a host out that falls back to the version before, once it was proven', async () => {
    const { clock, fleet, workers } = aRollout({ fleet: { hosts: 3 }, concurrency: 1 })
    fleet.machines.get('web-1')!.fault = 'falls-back'

    await clock.run(workers.runToTheEnd())

    expect(workers.host('web-1').state).toMatchObject({
      status: 'failed',
      traffic: 'drained',
      failure: {
        code: 'VERSION_CHANGED',
        message: 'web-1 no longer runs 2.0.0: / returned "1.0.0", expected "2.0.0" in the body',
      },
    })
    expect(workers.view.hosts.slice(1).map(({ state }) => state.status)).toEqual(['pending', 'pending'])
    expect(workers.untrueRecords()).toEqual([])
  })

  it('leaves a host that cannot take the release in rotation, with what it runs', async () => {
    const { clock, fleet, workers } = aRollout({ fleet: { hosts: 3 }, concurrency: 1 })
    fleet.machines.get('web-1')!.fault = 'disk-full'

    await clock.run(workers.runToTheEnd())

    expect(workers.host('web-1').state).toMatchObject({
      status: 'failed',
      traffic: 'untouched',
      failure: { code: 'DISK_SPACE_LOW' },
    })
    expect(fleet.machines.get('web-1')).toMatchObject({ current: '1.0.0', running: '1.0.0' })
    expect(workers.view.deployment.state).toMatchObject({
      failure: {
        hint: expect.stringContaining('A failed host whose version was not changed is back in rotation') as string,
      },
    })
    expect(fleet.violations).toEqual([])
  })

  it('takes no host out of rotation that does not run scripts, cannot take the release, or may not restart its service', async () => {
    for (const fault of ['runs-no-scripts', 'disk-full', 'restart-refused'] as const) {
      const { clock, fleet, workers } = aRollout({ fleet: { hosts: 3 }, concurrency: 1 })
      fleet.machines.get('web-1')!.fault = fault
      const drained = new Set<string>()
      fleet.onInspect = () => {
        for (const { host, admin } of fleet.lines) if (admin !== 'ready') drained.add(host)
      }

      await clock.run(workers.runToTheEnd())

      expect(workers.host('web-1').state).toMatchObject({ status: 'failed', traffic: 'untouched' })
      expect([...drained]).toEqual([])
    }
  })

  it('brings back on the next deployment a host that an earlier one had to leave drained', async () => {
    const { clock, fleet, workers } = aRollout({ fleet: { hosts: 2 }, concurrency: 1 })
    fleet.machines.get('web-1')!.fault = 'never-healthy'
    await clock.run(workers.runToTheEnd())
    delete fleet.machines.get('web-1')!.fault
    const again = workers.another()

    await clock.run(again.runToTheEnd())

    expect(again.view.hosts.map(({ state }) => state)).toMatchObject(
      Array(2).fill({ status: 'succeeded', traffic: 'restored' }),
    )
    expect(fleet.violations).toEqual([])
  })

  it('leaves to a person what a person has drained', async () => {
    const { clock, fleet, workers } = aRollout({ fleet: { hosts: 3 } })
    for (const line of fleet.lines.filter(({ host }) => host === 'web-3')) line.admin = 'maint'

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state.status).toBe('succeeded')
    expect(workers.host('web-3').state).toMatchObject({ status: 'skipped', traffic: 'untouched' })
    expect(fleet.lines.filter(({ admin }) => admin === 'maint').map(({ host }) => host)).toEqual(['web-3', 'web-3'])
  })

  it('goes on after every worker died, and says so in the attempts', async () => {
    const { clock, fleet, workers } = aRollout({ fleet: { hosts: 3 }, concurrency: 1 })
    workers.crashEvery([40])

    await clock.run(workers.runToTheEnd())

    expect(workers.crashes).toBe(1)
    expect(workers.view.deployment.state.status).toBe('succeeded')
    expect(workers.view.hosts.map(({ attempt }) => attempt)).toContain(2)
    expect(fleet.violations).toEqual([])
  })

  it('keeps both promises whatever fails, wherever workers die and locks run out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          hosts: fc.integer({ min: 1, max: 8 }),
          boxes: fc.integer({ min: 1, max: 3 }),
          minHealthy: fc.integer({ min: 0, max: 4 }),
          concurrency: fc.integer({ min: 1, max: 8 }),
          faulty: fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.constantFrom(...faults)), { maxLength: 2 }),
          crashes: fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 4 }),
          expiries: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 8 }),
          proof: fc.constantFrom(...Proof.options),
        }),
        async ({ hosts, boxes, minHealthy, concurrency, faulty, crashes, expiries, proof }) => {
          const { clock, fleet, workers } = aRollout({
            fleet: { hosts, boxes },
            proof,
            minHealthy: Math.min(minHealthy, hosts),
            concurrency,
          })
          for (const [index, fault] of faulty) {
            const machine = fleet.machines.get(`web-${index}`)
            if (machine) machine.fault = fault
          }
          workers.crashEvery(crashes)
          workers.expireLocksEvery(expiries)

          await clock.run(workers.runToTheEnd())

          expect(fleet.violations).toEqual([])
          expect(workers.untrueRecords()).toEqual([])
          expect(workers.heldLocks()).toBe(0)
        },
      ),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 500) },
    )
  }, 600_000)
})
