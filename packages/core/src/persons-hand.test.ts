import type { ServerRef, StepName } from '@vesemir/contract'
import { aBalancedSpec } from '@vesemir/contract/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findLeftServers } from './left-servers.ts'
import { putBackServers } from './put-back-servers.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet, faults } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

/** A deployment with a soak at half the weight to a fleet behind two boxes, of which web-1 is walked first. */
function aRollout({ hosts = 2, concurrency = 1 } = {}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts })
  const spec = aBalancedSpec({
    acceptLowCapacity: true,
    concurrency,
    loadBalancer: { minHealthy: 0, weights: ['30%', '60%'], degradationTime: '10s' },
  })
  const workers = new SimulatedWorkers(clock, fleet, spec)
  return { clock, fleet, workers, doctor: (fix: boolean) => examine(workers, { clock, fleet, fix }) }
}

type Rollout = Pick<ReturnType<typeof aRollout>, 'clock' | 'fleet'>

/** As `vesemir lb doctor` does for one deployment. */
async function examine(workers: SimulatedWorkers, { clock, fleet, fix }: Rollout & { fix: boolean }) {
  const { journal, owners } = workers.shared
  const { deployment, hosts } = workers.view
  const left = { deployment, hosts, entries: await journal.list() }
  const ports = { loadBalancer: fleet.loadBalancer, journal, owners, clock }
  const { signal } = new AbortController()
  const found = fix ? putBackServers(left, ports, { doctor: 'x', signal }) : findLeftServers(left, ports, signal)
  return (await clock.run(found)).map(({ server, verdict }) => `${server.box} ${server.server} ${verdict}`)
}

const lineOf = (fleet: SimulatedFleet, box: string, host = 'web-1') =>
  fleet.lines.find(({ ref }) => ref.box === box && ref.server === host)!
const weights = (fleet: SimulatedFleet) => fleet.lines.map(({ weight }) => weight)
const full = [100, 100, 100, 100]

describe('a weight', () => {
  test('that a walk had to leave behind is not the original of the next', async () => {
    const { clock, fleet, workers, doctor } = aRollout()
    workers.atStep('soak', () => fleet.silentBoxes.add('lb-2'))
    await clock.run(workers.runToTheEnd())
    fleet.silentBoxes.clear()
    const left = weights(fleet)

    const found = await doctor(false)
    const again = workers.another('3.0.0')
    await clock.run(again.runToTheEnd())

    expect(left).toEqual([30, 30, 100, 100])
    expect(found).toEqual(['lb-1 web-1 reduced', 'lb-2 web-1 reduced'])
    expect(again.view.deployment.state.status).toBe('succeeded')
    expect(weights(fleet)).toEqual(full)
    expect(workers.shared.journal.entries).toEqual([])
  })

  test('is not lost when several walks in a row leave it behind, with other percentages', async () => {
    const { clock, fleet, workers } = aRollout()
    const spec = workers.view.deployment.spec
    const others = workers.beside('billing', { loadBalancer: { ...spec.loadBalancer, weights: ['50%'] } as never })
    for (const each of [workers, others]) {
      each.atStep('soak', () => fleet.silentBoxes.add('lb-2'))
      await clock.run(each.runToTheEnd())
      fleet.silentBoxes.clear()
    }

    expect(weights(fleet)).toEqual([50, 50, 100, 100])
    await clock.run(workers.another('3.0.0').runToTheEnd())

    expect(weights(fleet)).toEqual(full)
  })

  test('that a walk had to leave behind is put right by lb doctor --fix, and was never struck from the journal', async () => {
    const { clock, fleet, workers, doctor } = aRollout()
    workers.atStep('soak', () => fleet.silentBoxes.add('lb-2'))
    await clock.run(workers.runToTheEnd())
    fleet.silentBoxes.clear()

    await doctor(true)

    expect(weights(fleet)).toEqual(full)
    expect(workers.shared.journal.entries).toEqual([])
  })

  test('that a person has set since is the original then', async () => {
    const { clock, fleet, workers } = aRollout()
    workers.atStep('soak', () => fleet.silentBoxes.add('lb-2'))
    await clock.run(workers.runToTheEnd())
    fleet.silentBoxes.clear()
    lineOf(fleet, 'lb-1').weight = 77

    await clock.run(workers.another('3.0.0').runToTheEnd())

    expect(weights(fleet)).toEqual([77, 100, 100, 100])
  })

  test.for([7, 100])('of %i that a person sets in a soak stays, through its phases and after it', async (weight) => {
    const { clock, fleet, workers } = aRollout({ hosts: 1 })
    workers.atStep('soak', () => {
      void clock.sleep(3000).then(() => (lineOf(fleet, 'lb-1').weight = weight))
    })
    const seen = new Set<number>()
    workers.atStep('restore', () => seen.add(lineOf(fleet, 'lb-1').weight))

    await clock.run(workers.runToTheEnd())

    expect([...seen]).toEqual([weight])
    expect(weights(fleet)).toEqual([weight, 100])
    expect(workers.view.deployment.state.status).toBe('succeeded')
  })

  test('that a person sets while a box proves the host is the one that it gets back', async () => {
    const { clock, fleet, workers } = aRollout({ hosts: 1 })
    workers.atStep('enable', () => {
      void clock.sleep(200).then(() => (lineOf(fleet, 'lb-1').weight = 77))
    })

    await clock.run(workers.runToTheEnd())

    expect(weights(fleet)).toEqual([77, 100])
    expect(workers.view.deployment.state.status).toBe('succeeded')
  })

  test('that a reload forgets in a soak is reduced again', async () => {
    const { clock, fleet, workers } = aRollout({ hosts: 1 })
    workers.atStep('soak', () => {
      void clock.sleep(3000).then(() => fleet.reload('lb-1'))
    })
    const seen = new Set<number>()
    workers.atStep('restore', () => seen.add(lineOf(fleet, 'lb-1').weight))

    await clock.run(workers.runToTheEnd())

    expect([...seen]).toEqual([60])
    expect(weights(fleet)).toEqual([100, 100])
  })
})

describe('a server that a person takes to maintenance', () => {
  const takeOut = (fleet: SimulatedFleet) => (lineOf(fleet, 'lb-1').admin = 'maint')

  test.for<StepName>(['soak', 'enable', 'restore'])(
    'in the %s is theirs: neither a fix nor a deployment puts it back',
    async (step) => {
      const { clock, fleet, workers, doctor } = aRollout()
      // A restore waits for nothing.
      const comeAfterMs = step === 'restore' ? 0 : 100
      workers.atStep(step, () =>
        comeAfterMs ? void clock.sleep(comeAfterMs).then(() => takeOut(fleet)) : takeOut(fleet),
      )

      await clock.run(workers.runToTheEnd())
      const found = await doctor(false)
      await doctor(true)
      const again = workers.another('3.0.0')
      await clock.run(again.runToTheEnd())

      expect(workers.host('web-1').state).toMatchObject({
        status: 'failed',
        failure: {
          code: 'SERVER_NOT_IN_SERVICE',
          message: expect.stringContaining('set to maint by someone else') as string,
        },
      })
      expect(found).toContain('lb-1 web-1 changed')
      expect(lineOf(fleet, 'lb-1').admin).toBe('maint')
      expect(again.host('web-1').state.status).toBe('skipped')
      expect(again.host('web-2').state.status).toBe('succeeded')
    },
  )

  test('before its walk is skipped, as in maintenance by someone', async () => {
    const { clock, fleet, workers } = aRollout()
    workers.atStep('guard', () => (lineOf(fleet, 'lb-1', 'web-2').admin = 'drain'))

    await clock.run(workers.runToTheEnd())

    expect(workers.host('web-2').state).toMatchObject({ status: 'skipped', traffic: 'untouched' })
    expect(lineOf(fleet, 'lb-1', 'web-2').admin).toBe('drain')
  })

  /** Takes web-2 out with another release in place than Vesemir put there, and deploys 3.0.0. */
  async function deployAround(current: string) {
    const { clock, fleet, workers } = aRollout()
    await clock.run(workers.runToTheEnd())
    fleet.machines.get('web-2')!.current = current
    lineOf(fleet, 'lb-1', 'web-2').admin = 'maint'
    const next = workers.another('3.0.0')
    await clock.run(next.runToTheEnd())
    expect(next.host('web-2').state.status).toBe('skipped')
    return next
  }

  test('before its walk is asked what it runs, since whoever took it out may have changed that', async () => {
    const next = await deployAround('2.5.0')

    expect(next.untrueReleases()).toEqual([])
  })

  test('before its walk says nothing of a release that is in place and was never started', async () => {
    const next = await deployAround('3.0.0')

    const said = next.events.filter((event) => event.type === 'release.seen' && event.host === 'web-2')
    expect(said).toEqual([])
  })
})

type Line = SimulatedFleet['lines'][number]
/** What people have set, by server. */
type Hands = Map<string, { admin?: string; weight?: number }[]>

const keyOf = ({ box, backend, server }: ServerRef) => `${box} ${backend} ${server}`

/** Whether a server is as at the beginning, or as a person has set it. */
function isAsItWas({ ref, admin, weight }: Line, touched: Hands): boolean {
  const hands = touched.get(keyOf(ref)) ?? []
  const isSet = (change: object) =>
    hands.some((hand) => Object.entries(change).every(([key, value]) => hand[key as never] === value))
  return (admin === 'ready' || isSet({ admin })) && (weight === 100 || isSet({ weight }))
}

test('whatever fails and whatever people set, the journal knows each server that is not as it was, and the next deployment restores it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        hosts: fc.integer({ min: 1, max: 4 }),
        concurrency: fc.integer({ min: 1, max: 3 }),
        faulty: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(...faults)), { maxLength: 1 }),
        crashes: fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 2 }),
        silences: fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 2 }),
        hands: fc.array(
          fc.record({
            after: fc.integer({ min: 1, max: 100 }),
            line: fc.nat({ max: 7 }),
            change: fc.constantFrom({ admin: 'maint' }, { weight: 7 }, { weight: 77 }),
          }),
          { maxLength: 3 },
        ),
      }),
      async ({ hosts, concurrency, faulty, crashes, silences, hands }) => {
        const { clock, fleet, workers } = aRollout({ hosts, concurrency })
        for (const [index, fault] of faulty) {
          const machine = fleet.machines.get(`web-${index}`)
          if (machine) machine.fault = fault
        }
        const touched: Hands = new Map()
        const remaining = [...hands]
        workers.actAfter(
          hands.map(({ after }) => after),
          () => {
            const { line: index, change } = remaining.shift()!
            const line = fleet.lines[index % fleet.lines.length]!
            Object.assign(line, change)
            touched.set(keyOf(line.ref), [...(touched.get(keyOf(line.ref)) ?? []), change])
          },
        )
        workers.crashEvery(crashes)
        const isOver = () => 'endedAt' in workers.view.deployment.state
        const fallSilent = () => (isOver() ? undefined : fleet.silentBoxes.add('lb-2'))
        for (const after of silences) void clock.sleep(after * 200).then(fallSilent)

        await clock.run(workers.runToTheEnd())

        const known = workers.shared.journal.entries.map(({ server }) => keyOf(server))
        const unknown = fleet.lines.filter((line) => !isAsItWas(line, touched) && !known.includes(keyOf(line.ref)))
        expect(unknown).toEqual([])

        fleet.silentBoxes.clear()
        for (const machine of fleet.machines.values()) delete machine.fault
        await clock.run(workers.another('3.0.0').runToTheEnd())

        const isTheirs = ({ host }: Line) => fleet.lines.some((line) => line.host === host && line.admin === 'maint')
        expect(fleet.lines.filter((line) => !isTheirs(line) && !isAsItWas(line, touched))).toEqual([])
      },
    ),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 500) },
  )
}, 600_000)
