import { Command } from '@vesemir/contract'
import { aBalancedSpec } from '@vesemir/contract/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet, faults } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

interface Given {
  hosts?: number
  boxes?: number
  minHealthy?: number
  spec?: Pick<NonNullable<Parameters<typeof aBalancedSpec>[0]>, 'concurrency' | 'rollout' | 'hooks'>
  loadBalancer?: object
}

function aRollout({ hosts = 6, boxes = 2, minHealthy = 1, spec = {}, loadBalancer = {} }: Given = {}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts, boxes })
  fleet.minHealthy = minHealthy
  const workers = new SimulatedWorkers(
    clock,
    fleet,
    aBalancedSpec({
      acceptLowCapacity: true,
      loadBalancer: { minHealthy, degradationTime: '10s', ...loadBalancer },
      ...spec,
    }),
  )
  return { clock, fleet, workers }
}

const statuses = (workers: SimulatedWorkers) => workers.view.hosts.map(({ state }) => state.status)
const running = (fleet: SimulatedFleet) => [...fleet.machines.values()].map((machine) => machine.running)

/** The deployment's own states in the order in which it came to them. */
const story = (workers: SimulatedWorkers) =>
  workers.events.flatMap(({ type }) => (/^(deployment|hosts)\./.test(type) ? [type.replace('deployment.', '')] : []))

describe('waves', () => {
  it('follow each other, each of its size, the last one repeated', async () => {
    const { clock, workers } = aRollout({ hosts: 8, spec: { concurrency: [1, '25%', 4] } })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.plan?.waves.map(({ hosts }) => hosts)).toEqual([1, 2, 4, 1])
    expect(workers.mostInFlight()).toEqual([1, 2, 4, 1])
    expect(workers.view.deployment.state.status).toBe('succeeded')
  })
})

describe('a failure budget', () => {
  it('that is not used up lets the deployment go on, and the record says who failed', async () => {
    const { clock, fleet, workers } = aRollout({ spec: { rollout: { maxFailures: 1 }, concurrency: 2 } })
    fleet.machines.get('web-2')!.fault = 'never-healthy'

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toMatchObject({
      status: 'succeeded',
      note: 'hosts: 1 failed, 5 succeeded',
    })
  })

  it('in percent is exceeded by one more', async () => {
    const { clock, fleet, workers } = aRollout({ hosts: 10, spec: { rollout: { maxFailures: '10%' }, concurrency: 1 } })
    for (const name of ['web-2', 'web-4']) fleet.machines.get(name)!.fault = 'unreachable'

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toMatchObject({ status: 'failed' })
    expect(statuses(workers).filter((status) => status === 'pending')).not.toEqual([])
  })
})

describe('a gate', () => {
  const gated = { concurrency: [1, '100%'], rollout: { gates: [{ wait: 'approval', timeout: '1h' }] } }

  it('holds the second wave until a person approves', async () => {
    const { clock, workers } = aRollout({ spec: gated })
    workers.commandWhen('gated', { command: 'approve' })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state.status).toBe('succeeded')
    expect(story(workers)).toEqual(['queued', 'claimed', 'planned', 'gated', 'commanded', 'resumed', 'ended'])
  })

  it('before the first wave holds every host', async () => {
    const spec = { concurrency: 2, rollout: { gates: [{ afterWave: 0, wait: 'approval' as const }] } }
    const { clock, workers } = aRollout({ spec })
    let started = -1
    workers.commandWhen('gated', { command: 'approve' }, () => {
      started = workers.events.filter(({ type }) => type === 'host.claimed').length
    })

    await clock.run(workers.runToTheEnd())

    expect(started).toBe(0)
    expect(story(workers)).toEqual(['queued', 'claimed', 'planned', 'gated', 'commanded', 'resumed', 'ended'])
    expect(workers.view.deployment.state.status).toBe('succeeded')
  })

  it('that asks for two approvals opens for two people, and not for one twice', async () => {
    const spec = { ...gated, rollout: { gates: [{ wait: 'approval' as const, approvals: 2, timeout: '1h' }] } }
    const [one, two] = [aRollout({ spec }), aRollout({ spec })]
    one.workers.approveBy('ada', 'ada')
    two.workers.approveBy('ada', 'bob')

    await one.clock.run(one.workers.runToTheEnd())
    await two.clock.run(two.workers.runToTheEnd())

    expect(one.workers.view.deployment.state).toMatchObject({
      failure: { message: 'the gate after wave 1 got 1 of 2 approvals in time; hosts: 5 not started, 1 succeeded' },
    })
    expect(two.workers.view.deployment.state.status).toBe('succeeded')
    expect(two.workers.events.find(({ type }) => type === 'gate.approved')).toMatchObject({ by: 'ada' })
  })

  it('that waits for a time does not open for one after the same wave that asks for an approval', async () => {
    const approval = { afterWave: 0, wait: 'approval' as const, timeout: '1h' }
    const { clock, workers } = aRollout({ spec: { rollout: { gates: [{ afterWave: 0, wait: '1m' }, approval] } } })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toMatchObject({ failure: { code: 'GATE_TIMED_OUT' } })
    expect(workers.events.filter(({ type }) => type === 'host.claimed')).toEqual([])
  })

  it('that is rejected, or that nobody answers, ends the deployment', async () => {
    const rejected = aRollout({ spec: gated })
    rejected.workers.commandWhen('gated', { command: 'reject', reason: 'errors' })
    const forgotten = aRollout({ spec: gated })

    await rejected.clock.run(rejected.workers.runToTheEnd())
    await forgotten.clock.run(forgotten.workers.runToTheEnd())

    expect(rejected.workers.view.deployment.state).toMatchObject({
      failure: { code: 'GATE_REJECTED', message: 'rejected by test: errors; hosts: 5 not started, 1 succeeded' },
    })
    expect(forgotten.workers.view.deployment.state).toMatchObject({ failure: { code: 'GATE_TIMED_OUT' } })
  })

  it('that waits for a time opens by itself', async () => {
    const spec = { concurrency: [1, '100%'], rollout: { gates: [{ wait: '10m' }] } }
    const { clock, workers } = aRollout({ spec })
    const startedMs = clock.now()

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state.status).toBe('succeeded')
    expect(clock.now() - startedMs).toBeGreaterThan(10 * 60_000)
  })
})

describe('a failed host', () => {
  it('has every touched host rolled back, when that is wanted', async () => {
    const { clock, fleet, workers } = aRollout({ spec: { rollout: { onFailure: 'rollback' }, concurrency: 2 } })
    fleet.machines.get('web-3')!.fault = 'check-never-passes'
    workers.onFirst('hosts.requeued', () => delete fleet.machines.get('web-3')!.fault)

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toMatchObject({ status: 'rolled-back', failure: { code: 'ROLLED_BACK' } })
    expect(running(fleet)).toEqual(Array(6).fill('1.0.0'))
    expect(statuses(workers)).toEqual(Array(6).fill('rolled-back'))
    expect(fleet.violations).toEqual([])
    expect(workers.untrueRecords()).toEqual([])
  })

  it.each([
    ['skip', 'succeeded'],
    ['rollback', 'rolled-back'],
    ['cancel', 'cancelled'],
  ] as const)('has a person asked, whose answer is %s', async (command, status) => {
    const { clock, fleet, workers } = aRollout({ spec: { rollout: { onFailure: 'ask' }, concurrency: 2 } })
    fleet.machines.get('web-1')!.fault = 'restart-fails'
    workers.commandWhen('gated', Command.parse({ command }), () => delete fleet.machines.get('web-1')!.fault)

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state.status).toBe(status)
    expect(workers.untrueRecords()).toEqual([])
  })

  it('that is retried when asked about goes on to the end', async () => {
    const { clock, fleet, workers } = aRollout({ spec: { rollout: { onFailure: 'ask' }, concurrency: 2 } })
    fleet.machines.get('web-1')!.fault = 'restart-fails'
    workers.commandWhen('gated', { command: 'retry' }, () => delete fleet.machines.get('web-1')!.fault)

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toEqual({ status: 'succeeded', endedAt: expect.any(String) as string })
    expect(running(fleet)).toEqual(Array(6).fill('2.0.0'))
  })
})

describe('a command', () => {
  it('pauses, and resumes', async () => {
    const { clock, workers } = aRollout()
    workers.commandAfter([{ actions: 60, command: { command: 'pause' } }])
    workers.commandWhen('paused', { command: 'resume' })

    await clock.run(workers.runToTheEnd())

    expect(story(workers)).toContain('paused')
    expect(workers.view.deployment.state.status).toBe('succeeded')
  })

  it('cancels: the hosts in progress are finished, no other is started', async () => {
    const { clock, workers } = aRollout({ spec: { concurrency: 2 } })
    workers.commandAfter([{ actions: 60, command: { command: 'cancel', now: false } }])

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toMatchObject({ status: 'cancelled', failure: { code: 'CANCELLED' } })
    expect(statuses(workers).slice(0, 2)).toEqual(['succeeded', 'succeeded'])
    expect(statuses(workers)).toContain('pending')
  })

  it('cancels at once: what is in progress goes back to what it was', async () => {
    const { clock, fleet, workers } = aRollout({ spec: { concurrency: 2 } })
    workers.commandAtStep('restart', { command: 'cancel', now: true })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state.status).toBe('cancelled')
    expect(fleet.lines.every(({ admin, weight }) => admin === 'ready' && weight === 100)).toBe(true)
    expect(workers.untrueRecords()).toEqual([])
    expect(fleet.violations).toEqual([])
  })

  it('retries an ended deployment: the failed and the not started alone', async () => {
    const { clock, fleet, workers } = aRollout({ spec: { concurrency: 2 } })
    fleet.machines.get('web-2')!.fault = 'never-healthy'
    await clock.run(workers.runToTheEnd())
    const before = workers.host('web-1').attempt
    delete fleet.machines.get('web-2')!.fault

    expect(workers.command({ command: 'retry' })).toBe(true)
    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state.status).toBe('succeeded')
    expect(workers.host('web-1').attempt).toBe(before)
    expect(workers.untrueRecords()).toEqual([])
  })

  it('retries a host that is done and drained all the same: its version is no reason to leave it out', async () => {
    const { clock, fleet, workers } = aRollout({ hosts: 2 })
    await clock.run(workers.runToTheEnd())
    await workers.noteAsOurs('web-1')
    for (const line of fleet.lines.filter(({ host }) => host === 'web-1')) line.admin = 'drain'

    workers.command({ command: 'retry' })
    await clock.run(workers.runToTheEnd())

    expect(fleet.lines.every(({ admin }) => admin === 'ready')).toBe(true)
    expect(workers.untrueRecords()).toEqual([])
  })

  it('never brings a host that is not proven back, when its retry fails early', async () => {
    const { clock, fleet, workers } = aRollout({ hosts: 3, spec: { concurrency: 1 } })
    fleet.machines.get('web-1')!.fault = 'never-healthy'
    await clock.run(workers.runToTheEnd())
    fleet.machines.get('web-1')!.fault = 'unreachable'

    workers.command({ command: 'retry', hosts: ['web-1'] })
    await clock.run(workers.runToTheEnd())

    expect(workers.host('web-1').state).toMatchObject({ status: 'unreachable', traffic: 'drained' })
    expect(fleet.violations).toEqual([])
  })

  it('rolls back a deployment that has succeeded', async () => {
    const { clock, fleet, workers } = aRollout()
    await clock.run(workers.runToTheEnd())

    workers.command({ command: 'rollback' })
    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state.status).toBe('rolled-back')
    expect(running(fleet)).toEqual(Array(6).fill('1.0.0'))
    expect(fleet.violations).toEqual([])
    expect(workers.untrueRecords()).toEqual([])
  })
})

it('weights on the way back are taken one after another', async () => {
  const { clock, fleet, workers } = aRollout({ hosts: 2, loadBalancer: { weights: ['10%', '50%', '100%'] } })
  const seen = new Set<number>()
  fleet.onInspect = () => fleet.lines.filter(({ host }) => host === 'web-1').forEach(({ weight }) => seen.add(weight))

  await clock.run(workers.runToTheEnd())

  expect([...seen]).toEqual([100, 10, 50])
  expect(workers.view.deployment.state.status).toBe('succeeded')
})

const commands = fc.constantFrom<Command>(
  { command: 'pause' },
  { command: 'resume' },
  { command: 'approve' },
  { command: 'reject' },
  { command: 'cancel', now: false },
  { command: 'cancel', now: true },
  { command: 'retry' },
  { command: 'rollback' },
  { command: 'skip' },
)

it('both promises hold whatever people command, whatever fails, wherever workers die', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        hosts: fc.integer({ min: 1, max: 8 }),
        boxes: fc.integer({ min: 1, max: 2 }),
        minHealthy: fc.integer({ min: 0, max: 3 }),
        concurrency: fc.oneof(
          fc.integer({ min: 1, max: 8 }),
          fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
        ),
        maxFailures: fc.integer({ min: 0, max: 2 }),
        onFailure: fc.constantFrom('stop', 'rollback', 'ask'),
        askDefault: fc.constantFrom('stop', 'skip', 'rollback'),
        gates: fc.array(
          fc.record({
            afterWave: fc.integer({ min: 1, max: 3 }),
            wait: fc.constantFrom('approval', '1m'),
            timeout: fc.constant('1h'),
          }),
          {
            maxLength: 2,
          },
        ),
        faulty: fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.constantFrom(...faults)), { maxLength: 2 }),
        given: fc.array(fc.record({ actions: fc.integer({ min: 1, max: 150 }), command: commands }), { maxLength: 4 }),
        crashes: fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 3 }),
      }),
      async ({ hosts, boxes, minHealthy, concurrency, faulty, given, crashes, ...settings }) => {
        const { clock, fleet, workers } = aRollout({
          hosts,
          boxes,
          minHealthy: Math.min(minHealthy, hosts),
          spec: { concurrency, rollout: settings },
        })
        for (const [index, fault] of faulty) {
          const machine = fleet.machines.get(`web-${index}`)
          if (machine) machine.fault = fault
        }
        workers.commandAfter(given)
        workers.resumeEachPauseAfter(60_000)
        workers.crashEvery(crashes)

        await clock.run(workers.runToTheEnd())

        expect(fleet.violations).toEqual([])
        expect(workers.untrueRecords()).toEqual([])
        expect(workers.heldLocks()).toBe(0)
        expect(workers.view.deployment.commands).toEqual([])
      },
    ),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 500) },
  )
}, 600_000)
