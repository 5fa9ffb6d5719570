import { aBalancedSpec } from '@vesemir/contract/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holdLeftServer } from './hold-left-server.ts'
import { isInService } from './servers.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet, faults } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

// A host that failed was put back by someone else, and is walked again: until that walk changes something, nothing is its own.

/** A deployment that has failed on web-1, which was left out of rotation and runs well since. */
async function aFailedRollout({ hosts = 3, minHealthy = 1 } = {}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts })
  const loadBalancer = { minHealthy, guardTimeout: '10s', degradationTime: '1s' }
  const spec = aBalancedSpec({ acceptLowCapacity: true, loadBalancer })
  const workers = new SimulatedWorkers(clock, fleet, spec)
  const machine = fleet.machines.get('web-1')!
  machine.fault = 'never-healthy'
  await clock.run(workers.runToTheEnd())
  delete machine.fault
  machine.healthyAtMs = 0
  const setAll = (host: string, admin: 'ready' | 'maint') => {
    for (const line of fleet.lines.filter((line) => line.host === host)) {
      line.admin = admin
      delete line.downSinceMs
    }
  }
  return { clock, fleet, workers, machine, setAll }
}

const { signal } = new AbortController()

/** As workers do twice a second. */
async function lookAtLeft(workers: SimulatedWorkers, fleet: SimulatedFleet): Promise<void> {
  const { journal } = workers.shared
  const balancer = await fleet.loadBalancer.open([], undefined as never, signal)
  const isBeingPutBack = async () => false
  for (const left of await journal.listLeft()) await holdLeftServer(left, { balancer, journal, isBeingPutBack }, signal)
}

const adminsOf = (fleet: SimulatedFleet, host: string) =>
  fleet.lines.filter((line) => line.host === host).map(({ admin }) => admin)

test.for(['GUARD_REFUSED', 'SSH_UNREACHABLE', 'CANCELLED', 'LOAD_BALANCER_UNREACHABLE'] as const)(
  'a retry that ends with %s before its drain leaves a host in service that was put back',
  async (code) => {
    const { clock, fleet, workers, machine, setAll } = await aFailedRollout()
    await lookAtLeft(workers, fleet)
    setAll('web-1', 'ready')
    await lookAtLeft(workers, fleet)
    for (const host of ['web-2', 'web-3']) setAll(host, 'maint')
    fleet.minHealthy = 1
    if (code === 'SSH_UNREACHABLE') machine.fault = 'unreachable'
    if (code === 'CANCELLED') workers.commandAtStep('guard', { command: 'cancel', now: true })
    if (code === 'LOAD_BALANCER_UNREACHABLE') workers.atStep('connect', () => fleet.silentBoxes.add('lb-2'))

    workers.command({ command: 'retry', hosts: ['web-1'] })
    await clock.run(workers.runToTheEnd())
    fleet.silentBoxes.clear()
    await lookAtLeft(workers, fleet)

    expect(workers.host('web-1').state).toMatchObject({ failure: { code } })
    expect(workers.host('web-1').unproven).toBe(true)
    expect(adminsOf(fleet, 'web-1')).toEqual(['ready', 'ready'])
    expect(fleet.violations).toEqual([])
    // What people have set on the others is theirs.
    expect(workers.untrueRecords().filter((untruth) => untruth.startsWith('web-1'))).toEqual([])
    expect(workers.shared.journal.left).toEqual([])
  },
)

test('a retry that cannot begin holds a host that a reload has put back', async () => {
  const { clock, fleet, workers, machine } = await aFailedRollout()
  machine.fault = 'unreachable'
  fleet.reload('lb-1')

  workers.command({ command: 'retry', hosts: ['web-1'] })
  await clock.run(workers.runToTheEnd())

  expect(workers.host('web-1').state).toMatchObject({ status: 'unreachable', traffic: 'drained' })
  expect(adminsOf(fleet, 'web-1')).toEqual(['maint', 'maint'])
  expect(workers.shared.journal.left).toHaveLength(2)
})

test('a retry takes no backend below minHealthy, whatever people have put back or taken out, and whatever fails', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        hosts: fc.integer({ min: 2, max: 4 }),
        minHealthy: fc.integer({ min: 1, max: 3 }),
        hands: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom('ready' as const, 'maint' as const)), {
          maxLength: 4,
        }),
        fault: fc.constantFrom(undefined, ...faults),
        isCancelled: fc.boolean(),
        crashes: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 2 }),
      }),
      async ({ hosts, minHealthy, hands, fault, isCancelled, crashes }) => {
        const { clock, fleet, workers, machine, setAll } = await aFailedRollout({ hosts, minHealthy })
        await lookAtLeft(workers, fleet)
        for (const [host, admin] of hands) setAll(`web-${host}`, admin)
        await lookAtLeft(workers, fleet)
        const inService = fleet.lines.filter(
          (line) => line.ref.box === 'lb-1' && isInService(fleet.show([line.ref])[0]!),
        )
        fleet.minHealthy = Math.min(minHealthy, inService.length)
        if (fault) machine.fault = fault
        if (isCancelled) workers.commandAtStep('guard', { command: 'cancel', now: true })
        workers.crashEvery(crashes)

        workers.command({ command: 'retry' })
        await clock.run(workers.runToTheEnd())

        expect(fleet.violations.filter((violation) => violation.includes('servers, not'))).toEqual([])
      },
    ),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 300) },
  )
}, 600_000)
