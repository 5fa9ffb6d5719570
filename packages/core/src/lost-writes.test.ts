import type { StepName } from '@vesemir/contract'
import { aBalancedSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

// Redis has failed over to a replica without the last writes, and the worker that coordinates the rollout lives on.

test.each<[lost: string, at: StepName]>([
  ['host.ended', 'connect'],
  ['host.ended', 'restore'],
  ['host.claimed', 'connect'],
  ['host.claimed', 'restore'],
])(
  'what is lost from the %s of the host before is done again, also when the next host is in %s',
  async (type, step) => {
    const clock = new FakeClock()
    const fleet = new SimulatedFleet(clock, { hosts: 3 })
    const workers = new SimulatedWorkers(clock, fleet, aBalancedSpec({ concurrency: 1, acceptLowCapacity: true }))
    workers.loseWrites(
      { host: 'web-2', step },
      (event) => event.type === type && 'host' in event && event.host === 'web-1',
    )

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state.status).toBe('succeeded')
    expect(workers.view.hosts.map(({ state }) => state.status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    expect(workers.untrueRecords()).toEqual([])
    expect(fleet.violations).toEqual([])
  },
)
