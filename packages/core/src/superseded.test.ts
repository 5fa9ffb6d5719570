import { aBalancedSpec } from '@vesemir/contract/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { admitCommand } from './commands.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet, faults } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

function aFleet(hosts = 4) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts })
  fleet.minHealthy = 1
  const spec = aBalancedSpec({ loadBalancer: { degradationTime: '1s' } })
  return { clock, fleet, first: new SimulatedWorkers(clock, fleet, spec) }
}

const running = (fleet: SimulatedFleet) => [...fleet.machines.values()].map((machine) => machine.running)
const facts = ({ events }: SimulatedWorkers, after: number) => events.slice(after).map(({ type }) => type)
const force = { force: true, reason: 'only these' } as const

test('the deployment that takes the machines supersedes the one before', async () => {
  const { clock, first } = aFleet()
  await clock.run(first.runToTheEnd())
  const second = first.another('3.0.0')
  const whileQueued = first.view.deployment.supersededBy

  await clock.run(second.runToTheEnd())

  expect(whileQueued).toBeUndefined()
  expect(first.view.deployment.supersededBy).toEqual({ id: 'd-2', version: '3.0.0' })
  expect(second.view.deployment).toMatchObject({ supersedes: 'd-1' })
  expect(second.view.deployment.supersededBy).toBeUndefined()
})

test('one that cannot be planned supersedes nobody, and is superseded by the next that can', async () => {
  const { clock, fleet, first } = aFleet()
  await clock.run(first.runToTheEnd())
  const [second, third] = [first.another('3.0.0'), first.another('4.0.0')]
  fleet.isInventoryDown = true
  await clock.run(second.runToTheEnd())
  const meanwhile = first.view.deployment.supersededBy
  fleet.isInventoryDown = false

  await clock.run(third.runToTheEnd())

  expect(second.view.deployment.state).toMatchObject({ failure: { code: 'INVENTORY_UNREACHABLE' } })
  expect(meanwhile).toBeUndefined()
  expect(second.view.deployment.supersededBy).toEqual({ id: 'd-3', version: '4.0.0' })
})

test.for(['retry', 'rollback'] as const)(
  '%s of a superseded deployment is refused, and says what came since',
  async (command) => {
    const { clock, first } = aFleet()
    await clock.run(first.runToTheEnd())
    for (const version of ['3.0.0', '4.0.0']) await clock.run(first.another(version).runToTheEnd())
    const { cursor, deployment } = first.view

    const isTaken = first.command({ command })

    expect(isTaken).toBe(false)
    expect(first.view.cursor).toBe(cursor)
    expect(() => admitCommand(deployment, { command }, { current: { id: 'd-3', version: '4.0.0' } })).toThrow(
      'd-1 is superseded by d-3 (4.0.0). To undo that deployment: vesemir rollback d-3',
    )
  },
)

test('a rollback of a superseded deployment is refused also when that was rolled back', async () => {
  const { clock, first } = aFleet()
  await clock.run(first.runToTheEnd())
  first.command({ command: 'rollback' })
  await clock.run(first.runToTheEnd())
  await clock.run(first.another('3.0.0').runToTheEnd())

  expect(first.view.deployment.state.status).toBe('rolled-back')
  expect(() => admitCommand(first.view.deployment, { command: 'rollback' })).toThrow(
    'd-1 is superseded by d-2 (3.0.0). To undo that deployment: vesemir rollback d-2',
  )
})

test.for(['retry', 'rollback'] as const)(
  '%s that waited behind a newer deployment touches no host, and the deployment ends as it was',
  async (command) => {
    const { clock, fleet, first } = aFleet()
    fleet.machines.get('web-2')!.fault = 'restart-fails'
    await clock.run(first.runToTheEnd())
    delete fleet.machines.get('web-2')!.fault
    const { state } = first.view.deployment
    const before = first.view.hosts
    first.command({ command })
    await clock.run(first.another('3.0.0').runToTheEnd())
    const after = first.events.length

    await clock.run(first.runToTheEnd())

    expect(facts(first, after)).toEqual(['deployment.claimed', 'command.refused', 'deployment.ended'])
    expect(first.view.deployment.state).toEqual({ ...state, endedAt: expect.any(String) as string })
    expect(first.view.deployment.refused).toMatchObject({ code: 'DEPLOYMENT_SUPERSEDED' })
    expect(first.view.hosts).toEqual(before)
    expect(running(fleet)).toEqual(Array(4).fill('3.0.0'))
  },
)

test('a retry of one that failed to be planned is refused once another has come', async () => {
  const { clock, fleet, first } = aFleet()
  fleet.isInventoryDown = true
  await clock.run(first.runToTheEnd())
  fleet.isInventoryDown = false
  first.command({ command: 'retry' })
  await clock.run(first.another('3.0.0').runToTheEnd())

  await clock.run(first.runToTheEnd())

  expect(first.view.deployment).toMatchObject({
    state: { status: 'failed', failure: { code: 'INVENTORY_UNREACHABLE' } },
    refused: { code: 'DEPLOYMENT_SUPERSEDED' },
  })
  expect(running(fleet)).toEqual(Array(4).fill('3.0.0'))
})

test('a forced command walks the hosts that still run what its deployment left, and no others', async () => {
  const { clock, fleet, first } = aFleet()
  await clock.run(first.runToTheEnd())
  fleet.machines.get('web-2')!.fault = 'unreachable'
  const second = first.another('3.0.0')
  await clock.run(second.runToTheEnd())
  delete fleet.machines.get('web-2')!.fault

  first.command({ command: 'rollback', ...force })
  await clock.run(first.runToTheEnd())

  expect(running(fleet)).toEqual(['3.0.0', '1.0.0', '1.0.0', '1.0.0'])
  expect(first.events.find(({ type }) => type === 'hosts.requeued')).toMatchObject({
    hosts: ['web-2', 'web-3', 'web-4'],
    leftOut: ['web-1'],
  })
  expect(first.view.deployment.supersededBy).toBeUndefined()
  expect(second.view.deployment.supersededBy).toEqual({ id: 'd-1', version: '2.0.0' })
})

test('a forced command is refused when no host runs what its deployment left', async () => {
  const { clock, fleet, first } = aFleet()
  await clock.run(first.runToTheEnd())
  await clock.run(first.another('3.0.0').runToTheEnd())

  first.command({ command: 'rollback', ...force })
  await clock.run(first.runToTheEnd())

  expect(first.view.deployment).toMatchObject({
    state: { status: 'succeeded' },
    refused: {
      code: 'DEPLOYMENT_SUPERSEDED',
      message:
        'no host still runs a release of d-1: web-1 runs 3.0.0 (d-2), web-2 runs 3.0.0 (d-2), web-3 runs 3.0.0 (d-2), 1 more',
    },
  })
  expect(running(fleet)).toEqual(Array(4).fill('3.0.0'))
})

const aFault = fc.record({ host: fc.integer({ min: 1, max: 4 }), fault: fc.constantFrom(...faults) })
const aCommand = fc.record({
  deployment: fc.integer({ min: 0, max: 2 }),
  command: fc.constantFrom('retry' as const, 'rollback' as const),
  isForced: fc.boolean(),
  fault: fc.option(aFault),
})

test(
  'whatever old deployments are told, no promise is broken, and nothing is changed that was not forced',
  { timeout: 120_000 },
  async () => {
    const story = fc.record({
      faults: fc.tuple(fc.option(aFault), fc.option(aFault), fc.option(aFault)),
      commands: fc.array(aCommand, { minLength: 1, maxLength: 4 }),
    })
    await fc.assert(
      fc.asyncProperty(story, async ({ faults, commands }) => {
        const { clock, fleet, first } = aFleet()
        const all = [first, first.another('3.0.0'), first.another('4.0.0')]
        const run = async (workers: SimulatedWorkers, strike: (typeof faults)[number]) => {
          if (strike) fleet.machines.get(`web-${strike.host}`)!.fault = strike.fault
          await clock.run(workers.runToTheEnd())
          for (const machine of fleet.machines.values()) delete machine.fault
        }
        for (const [index, workers] of all.entries()) await run(workers, faults[index]!)
        for (const { deployment, command, isForced, fault } of commands) {
          const workers = all[deployment]!
          const isRefused = workers.view.deployment.supersededBy !== undefined && !isForced
          const state = () => (isRefused ? [workers.view.hosts, currents(fleet)] : [])
          const before = state()
          workers.command({ command, ...(isForced ? force : {}) })
          await run(workers, fault)
          expect(state()).toEqual(before)
        }
        expect(fleet.violations).toEqual([])
        expect(first.untrueReleases()).toEqual([])
        expect(all.filter(({ view }) => !view.deployment.supersededBy)).toHaveLength(1)
      }),
      { numRuns: 60 },
    )
  },
)

const currents = (fleet: SimulatedFleet) => [...fleet.machines.values()].map(({ current }) => current)
