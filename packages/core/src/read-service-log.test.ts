import { aBalancedSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { VesemirError } from './errors.ts'
import { readServiceLog } from './read-service-log.ts'
import { aWalk } from './testing/a-walk.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet, type Fault } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

const written = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`)

/** Deploys to hosts of which web-1 fails, with a service that writes a log. */
async function failing({ fault, act }: { fault?: Fault; act?: (fleet: SimulatedFleet) => void }) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts: 3 })
  fleet.serviceLog = written
  if (fault) fleet.machines.get('web-1')!.fault = fault
  const loadBalancer = { weights: ['30%' as const], degradationTime: '10s' }
  const workers = new SimulatedWorkers(clock, fleet, aBalancedSpec({ loadBalancer }))
  if (act) workers.atStep('soak', () => act(fleet))
  await clock.run(workers.runToTheEnd())
  const { state, steps } = workers.host('web-1')
  return { fleet, state, failedStep: steps.find(({ status }) => status === 'failed')?.step }
}

test.for<[step: string, Parameters<typeof failing>[0]]>([
  ['restart', { fault: 'restart-fails' }],
  ['verify', { fault: 'never-healthy' }],
  ['enable', { fault: 'check-never-passes' }],
  ['soak', { act: (fleet) => fleet.takeDown('web-1', { forMs: 60_000 }) }],
  ['soak', { fault: 'falls-back' }],
])("a failure in %s keeps the last lines of the service's own log: %o", async ([step, options]) => {
  const { fleet, state, failedStep } = await failing(options)

  expect(failedStep).toBe(step)
  expect(state).toMatchObject({ status: 'failed', failure: { log: written.slice(-10) } })
  expect(fleet.violations).toEqual([])
})

test.for<Fault>(['unreachable', 'disk-full', 'cannot-introduce'])(
  'a failure that the service has no part in reads no log: %s',
  async (fault) => {
    const { state } = await failing({ fault })

    expect(state).toHaveProperty('failure')
    expect(state).not.toHaveProperty('failure.log')
  },
)

test('what came of a log before it could no longer be read is shown and kept', async () => {
  const { walk, lines } = aWalk({
    step: 'verify',
    spec: {},
    manager: {
      tailLog: async (_, { onLine }) => {
        await onLine({ stream: 'stdout', text: 'port in use' })
        throw new VesemirError('SSH_CONNECTION_LOST', 'gone')
      },
    },
  })

  const log = await readServiceLog(walk, new VesemirError('HEALTH_CHECK_FAILED', 'web-1 was not healthy in 5s'))

  expect(log).toEqual(['port in use'])
  expect(lines).toEqual(['port in use'])
})

test('a line of any length is kept short', async () => {
  const { walk } = aWalk({
    step: 'soak',
    spec: {},
    manager: { tailLog: async (_, { onLine }) => onLine({ stream: 'stdout', text: 'x'.repeat(100_000) }) },
  })

  const log = await readServiceLog(walk, new VesemirError('SERVER_UNHEALTHY', 'web-1 went down'))

  expect(log).toEqual(['x'.repeat(300)])
})
