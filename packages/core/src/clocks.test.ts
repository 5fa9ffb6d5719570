import { aBalancedSpec } from '@vesemir/contract/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

const phaseMs = 10_000

function aRollout({ hosts, gates = [] }: { hosts: number; gates?: readonly { afterWave: number; wait: string }[] }) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts })
  const weights = watchWeights(clock, fleet)
  const workers = new SimulatedWorkers(
    clock,
    fleet,
    aBalancedSpec({
      concurrency: [1],
      acceptLowCapacity: true,
      rollout: { gates: [...gates] },
      loadBalancer: { minHealthy: hosts - 1, weights: ['30%', '60%'], degradationTime: `${phaseMs}ms` },
    }),
  )
  return { clock, fleet, workers, weights }
}

/** Keeps since when each server had each weight at which it gets traffic. */
function watchWeights(clock: FakeClock, fleet: SimulatedFleet) {
  const changes = new Map<string, { weight: number; atMs: number }[]>()
  fleet.onInspect = () => {
    for (const { ref, admin, weight } of fleet.lines) {
      if (admin !== 'ready') continue
      const server = `${ref.box}/${ref.server}`
      const known = changes.get(server) ?? []
      changes.set(server, known)
      if (known.at(-1)?.weight !== weight) known.push({ weight, atMs: clock.elapsedMs })
    }
  }
  return changes
}

/** Sets the clock of Redis, and so of all workers, at these moments. */
function stepAt(clock: FakeClock, steps: readonly { atMs: number; byMs: number }[]): void {
  for (const { atMs, byMs } of steps) void clock.sleep(atMs).then(() => clock.step(byMs))
}

const clockSteps = fc.array(
  fc.record({ atMs: fc.integer({ min: 0, max: 90_000 }), byMs: fc.constantFrom(120_000, -120_000) }),
  { maxLength: 4 },
)

it('each weight lasts its time, however often the clock is set meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(clockSteps, async (steps) => {
      const { clock, workers, weights } = aRollout({ hosts: 2 })
      stepAt(clock, steps)

      await clock.run(workers.runToTheEnd())

      expect(workers.view.deployment.state.status).toBe('succeeded')
      for (const changes of weights.values()) {
        expect(changes.map(({ weight }) => weight)).toEqual([100, 30, 60, 100])
        const [, first, second, last] = changes.map(({ atMs }) => atMs)
        expect([second! - first!, last! - second!]).toEqual([phaseMs, phaseMs])
      }
    }),
    { numRuns: 100 },
  )
}, 60_000)

it('every step takes as long as it does, on a worker whose clock is ahead or behind or set meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(clockSteps, fc.integer({ min: -5000, max: 5000 }), async (steps, aheadMs) => {
      const { clock, workers } = aRollout({ hosts: 2 })
      workers.clocksAheadMs = [aheadMs]
      stepAt(clock, steps)

      await clock.run(workers.runToTheEnd())

      const soaks = workers.view.hosts.map(({ steps }) => steps.find(({ step }) => step === 'soak')?.durationMs)
      expect(soaks).toEqual([2 * phaseMs, 2 * phaseMs])
      const durations = workers.view.hosts.flatMap(({ steps }) => steps.map(({ durationMs }) => durationMs!))
      expect(durations.reduce((total, ms) => total + ms, 0)).toBeLessThanOrEqual(clock.elapsedMs)
    }),
    { numRuns: 100 },
  )
}, 60_000)

it('workers of unlike clocks that take over from each other set no weight but those of the plan', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        steps: clockSteps,
        aheads: fc.array(fc.integer({ min: -5000, max: 5000 }), { minLength: 1, maxLength: 5 }),
        crashes: fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 4 }),
      }),
      async ({ steps, aheads, crashes }) => {
        const { clock, fleet, workers, weights } = aRollout({ hosts: 2 })
        workers.clocksAheadMs = aheads
        workers.crashEvery(crashes)
        stepAt(clock, steps)

        await clock.run(workers.runToTheEnd())

        expect(workers.view.deployment.state.status).toBe('succeeded')
        expect(workers.untrueRecords()).toEqual([])
        expect(fleet.violations).toEqual([])
        const seen = new Set([...weights.values()].flatMap((changes) => changes.map(({ weight }) => weight)))
        expect([...seen].filter((weight) => ![30, 60, 100].includes(weight))).toEqual([])
        const longestMs = clock.elapsedMs + 10_000 + steps.length * 120_000
        const durations = workers.events.flatMap((event) => (event.type === 'step.ended' ? [event.durationMs] : []))
        expect(Math.min(...durations)).toBeGreaterThanOrEqual(0)
        expect(Math.max(...durations)).toBeLessThanOrEqual(longestMs)
      },
    ),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 200) },
  )
}, 60_000)

it('a soak that is taken over lasts for the rest of its time, give or take what the clocks of both differ by', async () => {
  const { clock, workers, weights } = aRollout({ hosts: 1 })
  workers.clocksAheadMs = [0, 0, -5000, -5000]
  const soaking = new Promise<void>((resolve) => workers.atStep('soak', resolve))
  void soaking.then(() => clock.sleep(4000)).then(() => workers.crashNext())

  await clock.run(workers.runToTheEnd())

  const [changes] = weights.values()
  expect(changes?.map(({ weight }) => weight)).toEqual([100, 30, 60, 100])
  const [, began, , ended] = changes!.map(({ atMs }) => atMs)
  expect(ended! - began!).toBe(2 * phaseMs + 5000)
})

it('a gate closes early or late by what the clock of Redis was set, and not more', async () => {
  const { clock, workers } = aRollout({ hosts: 2, gates: [{ afterWave: 1, wait: '10m' }] })
  const gated = new Promise<void>((resolve) => workers.onFirst('deployment.gated', resolve))
  const passed = new Promise<void>((resolve) => workers.onFirst('deployment.resumed', resolve))
  const waitedMs = gated.then(async () => {
    const gatedMs = clock.elapsedMs
    clock.step(-120_000)
    await passed
    return clock.elapsedMs - gatedMs
  })

  await clock.run(workers.runToTheEnd())

  expect(await waitedMs).toBe(12 * 60_000)
})
