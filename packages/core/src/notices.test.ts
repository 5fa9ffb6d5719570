import type { DeploymentEvent } from '@vesemir/contract'
import { aBalancedSpec } from '@vesemir/contract/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

const spec = aBalancedSpec({
  reason: 'the new year',
  concurrency: [1, '100%'],
  acceptLowCapacity: true,
  rollout: { gates: [{ wait: '10m' }], onFailure: 'ask' },
  loadBalancer: { degradationTime: '10s' },
  notifications: [{ to: 'ops', on: ['ended'] }, { to: 'ops', on: ['gated', 'ended'] }, { to: 'chat' }],
})

function aRollout(changes: Partial<typeof spec> = {}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts: 3, boxes: 1 })
  return { clock, fleet, workers: new SimulatedWorkers(clock, fleet, { ...spec, ...changes }) }
}

const told = (workers: SimulatedWorkers) => workers.notices.map(({ to, notice }) => `${notice.event} to ${to}`)

it('tells of start, gate and end, each to those who want to hear of it, once', async () => {
  const { clock, workers } = aRollout()

  await clock.run(workers.runToTheEnd())

  expect(told(workers)).toEqual(['started to chat', 'gated to ops', 'gated to chat', 'ended to ops', 'ended to chat'])
  expect(workers.notices[0]!.notice).toEqual({
    id: expect.stringMatching(/^d-1~\d+$/) as string,
    at: workers.events.find(({ type }) => type === 'deployment.planned')!.at,
    event: 'started',
    deployment: {
      id: 'd-1',
      application: 'payments',
      environment: 'production',
      version: '2.0.0',
      team: 'core',
      cluster: 'local',
      requestedBy: 'test',
      reason: 'the new year',
    },
    hosts: 3,
    waves: 2,
  })
})

it('tells that a schedule asked for it', async () => {
  const { clock, workers } = aRollout({ converges: { deployment: 'd-1', release: '2.0.0', bySchedule: true } })
  workers.command({ command: 'cancel', now: false })

  await clock.run(workers.runToTheEnd())

  expect(workers.notices[0]!.notice.deployment).toMatchObject({ requestedBy: 'test', bySchedule: true })
})

it('tells of an end before there is a plan, and of each end that a deployment comes to', async () => {
  const { clock, fleet, workers } = aRollout()
  workers.command({ command: 'cancel', now: false })
  await clock.run(workers.runToTheEnd())
  expect(told(workers)).toEqual(['ended to ops', 'ended to chat'])

  workers.command({ command: 'retry' })
  fleet.machines.get('web-1')!.fault = 'unreachable'
  await clock.run(workers.runToTheEnd())

  expect(workers.notices.filter(({ to }) => to === 'ops').map(({ notice }) => notice)).toMatchObject([
    { event: 'ended', outcome: 'cancelled', failure: { code: 'CANCELLED' } },
    { event: 'gated', gate: { kind: 'failure', hosts: ['web-1'] } },
    { event: 'ended', outcome: 'failed', failure: { code: 'HOSTS_FAILED' } },
  ])
})

it('loses nothing, wherever workers die, and a repeated notice is the same', async () => {
  let crashes = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 6 }), async (crashesAt) => {
      const { clock, workers } = aRollout()
      workers.crashEvery(crashesAt)

      await clock.run(workers.runToTheEnd())

      crashes += workers.crashes
      const toChat = workers.notices.filter(({ to }) => to === 'chat').map(({ notice }) => notice)
      expect([...new Set(toChat.map(({ id }) => id))]).toEqual(
        workers.events.filter(isTold).map(({ seq }) => `d-1~${seq}`),
      )
      expect(new Set(toChat.map((notice) => JSON.stringify(notice))).size).toBe(
        new Set(toChat.map(({ id }) => id)).size,
      )
    }),
    { numRuns: 60 },
  )
  expect(crashes).toBeGreaterThan(60)
}, 120_000)

it('loses no end of which a worker died before it could tell', async () => {
  const { clock, workers } = aRollout()
  workers.onFirst('deployment.ended', () => workers.crashNext())

  await clock.run(workers.runToTheEnd())

  expect(workers.crashes).toBe(1)
  expect(told(workers).slice(-2)).toEqual(['ended to ops', 'ended to chat'])
})

function isTold({ type }: DeploymentEvent): boolean {
  return ['deployment.planned', 'deployment.gated', 'deployment.ended'].includes(type)
}
