import type { DeploymentSpec } from '@vesemir/contract'
import { aBalancedSpec } from '@vesemir/contract/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet, faults } from './testing/simulated-fleet.ts'
import { SharedState, SimulatedWorkers } from './testing/simulated-workers.ts'

interface Given {
  hosts?: number
  boxes?: number
  concurrency?: number
  minHealthy?: number
}

/** Two applications that are deployed to the same machines, behind the same backend, at once. */
function aPair({ hosts = 4, boxes = 2, concurrency = 2, minHealthy = 1 }: Given = {}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts, boxes })
  fleet.minHealthy = minHealthy
  const shared = new SharedState()
  const payments = new SimulatedWorkers(clock, fleet, aSpec({ concurrency, minHealthy }), shared)
  const billing = payments.beside('billing')
  const runBoth = () => clock.run(Promise.all([payments.runToTheEnd(), billing.runToTheEnd()]))
  return { clock, fleet, shared, payments, billing, runBoth }
}

function aSpec({ concurrency, minHealthy }: { concurrency: number; minHealthy: number }): DeploymentSpec {
  return aBalancedSpec({
    acceptLowCapacity: true,
    concurrency,
    loadBalancer: { minHealthy, guardTimeout: '3m', degradationTime: '10s' },
  })
}

const waits = ({ events }: SimulatedWorkers) =>
  events.flatMap((event) => (event.type === 'step.waiting' ? [event.waitingFor] : []))

describe('two applications on the same machines', () => {
  test('are walked one after the other on each, and the one that waits says for whom', async () => {
    const { fleet, payments, billing, runBoth } = aPair()

    await runBoth()

    expect(fleet.violations).toEqual([])
    for (const each of [payments, billing]) {
      expect(each.view.deployment.state.status).toBe('succeeded')
      expect(each.untrueRecords()).toEqual([])
    }
    expect(waits(billing)).toContain('d-1 (payments), which is deploying to web-1')
    expect(payments.ownedResources()).toBe(0)
  })

  test('share one budget: what the more careful one wants holds for both while it walks a server', async () => {
    const { fleet, payments, clock } = aPair({ hosts: 4, concurrency: 1, minHealthy: 3 })
    const loadBalancer = { ...payments.view.deployment.spec.loadBalancer, minHealthy: 1 }
    const careless = payments.beside('billing', { concurrency: 3, loadBalancer: loadBalancer as never })

    await clock.run(Promise.all([payments.runToTheEnd(), careless.runToTheEnd()]))

    const guards = careless.view.hosts.flatMap(({ steps }) => steps.filter(({ step }) => step === 'guard'))
    expect(guards.map(({ note }) => note)).toContainEqual(expect.stringContaining('; 3 needed'))
    expect(waits(careless)).toContainEqual(
      expect.stringContaining('2 of 4 servers of app on lb-1 would stay in service, 3 needed'),
    )
    expect(payments.view.deployment.state.status).toBe('succeeded')
    expect(careless.view.deployment.state.status).toBe('succeeded')
    expect(fleet.violations.filter((violation) => !violation.includes('servers, not 3'))).toEqual([])
  })

  test('wait no longer when the one that waits is cancelled', async () => {
    const { fleet, payments, billing, clock, shared } = aPair({ hosts: 1 })
    await own(shared)
    payments.onFirst('step.waiting', () => payments.command({ command: 'cancel', now: true }))

    await clock.run(payments.runToTheEnd())

    expect(payments.host('web-1').state).toMatchObject({ status: 'skipped', failure: { code: 'CANCELLED' } })
    expect(billing.events).toHaveLength(1)
    expect(fleet.lines.every(({ admin }) => admin === 'ready')).toBe(true)
  })

  test('do not wait for ever', async () => {
    const { payments, clock, shared } = aPair({ hosts: 1 })
    await own(shared)

    await clock.run(payments.runToTheEnd())

    expect(payments.host('web-1').state).toMatchObject({
      status: 'failed',
      traffic: 'untouched',
      failure: {
        code: 'HOST_IN_USE',
        message: 'waited more than an hour for lb doctor, which is putting web-1 back into rotation',
      },
    })
  })
})

/** As somebody does who never gives web-1 back. */
async function own({ owners }: SharedState): Promise<void> {
  await owners.take([{ scope: 'machines/local', name: 'web-1.example 22' }], { id: 'x', name: 'lb doctor' })
}

test('two nodes that are one machine are walked one after the other', async () => {
  const { clock, fleet, payments } = aPair({ hosts: 2 })
  fleet.machines.get('web-2')!.target.address = 'WEB-1.example.'

  await clock.run(payments.runToTheEnd())

  expect(payments.view.deployment.state.status).toBe('succeeded')
  expect(waits(payments)).toContain('d-1 (payments), which is deploying to web-2, as web-1')
  expect(fleet.violations).toEqual([])
})

test('a host that its crashed walk had just brought back is not taken out again below minHealthy', async () => {
  const { fleet, payments, billing, runBoth } = aPair({ hosts: 3, boxes: 1, concurrency: 1, minHealthy: 2 })
  fleet.machines.get('web-3')!.fault = 'restart-fails'
  billing.crashEvery([53])

  await runBoth()

  expect(billing.host('web-1').state).toMatchObject({ status: 'failed', traffic: 'restored' })
  expect(fleet.violations).toEqual([])
  expect(payments.untrueRecords()).toEqual([])
})

test('both promises hold for two applications on the same machines, whatever fails, wherever workers die', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        hosts: fc.integer({ min: 1, max: 5 }),
        boxes: fc.integer({ min: 1, max: 2 }),
        minHealthy: fc.integer({ min: 0, max: 3 }),
        concurrency: fc.integer({ min: 1, max: 5 }),
        faulty: fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(...faults)), { maxLength: 1 }),
        crashes: fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 3 }),
        otherCrashes: fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 3 }),
        expiries: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 5 }),
      }),
      async ({ hosts, minHealthy, faulty, crashes, otherCrashes, expiries, ...given }) => {
        const pair = aPair({ ...given, hosts, minHealthy: Math.min(minHealthy, hosts) })
        const { fleet, payments, billing, runBoth } = pair
        for (const [index, fault] of faulty) {
          const machine = fleet.machines.get(`web-${index}`)
          if (machine) machine.fault = fault
        }
        payments.crashEvery(crashes)
        billing.crashEvery(otherCrashes)
        payments.expireLocksEvery(expiries)

        await runBoth()

        expect(fleet.violations).toEqual([])
        expect([...payments.untrueRecords(), ...billing.untrueRecords()]).toEqual([])
        expect(payments.ownedResources()).toBe(0)
      },
    ),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 250) },
  )
}, 600_000)
