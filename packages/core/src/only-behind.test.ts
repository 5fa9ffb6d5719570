import { aBalancedSpec } from '@vesemir/contract/testing'
import { describe, expect, it } from 'vitest'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

const spec = aBalancedSpec({ concurrency: 1, acceptLowCapacity: true, loadBalancer: { minHealthy: 3 } })
const converges = { deployment: 'd-1', release: '2.0.0' }

/** A fleet on which version 2.0.0 was deployed to all hosts, as d-1. */
async function aDeployedFleet(hosts = 4) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts })
  fleet.minHealthy = 3
  const first = new SimulatedWorkers(clock, fleet, spec)
  await clock.run(first.runToTheEnd())
  const another = (changes: Partial<typeof spec>) =>
    new SimulatedWorkers(clock, fleet, { ...spec, ...changes }, first.shared)
  return { clock, fleet, first, another }
}

describe('a deployment to hosts that are behind', () => {
  it('walks those alone, and the guard counts all hosts of the backend', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    fleet.machines.get('web-2')!.current = '1.9.0'
    fleet.machines.get('web-4')!.current = '1.9.0'
    const workers = another({ only: 'behind', converges, concurrency: 4 })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state.status).toBe('succeeded')
    expect(workers.view.hosts.map(({ target }) => target.name)).toEqual(['web-2', 'web-4'])
    expect([...fleet.machines.values()].map(({ running }) => running)).toEqual(Array(4).fill('2.0.0'))
    expect(workers.mostInFlight()).toEqual([2])
    expect(fleet.violations).toEqual([])
  })

  it('succeeds before any host is touched when none is behind, and says so', async () => {
    const { clock, another } = await aDeployedFleet()
    const workers = another({ only: 'behind' })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment).toMatchObject({
      state: { status: 'succeeded', note: 'nothing is behind 2.0.0: 4 hosts run it' },
    })
    expect(workers.view.deployment.plan).toBeUndefined()
  })

  it('names hosts that cannot be asked, and leaves them out', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    fleet.machines.get('web-1')!.fault = 'unreachable'
    fleet.machines.get('web-2')!.current = '1.9.0'
    const workers = another({ only: 'behind', converges })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.hosts.map(({ target }) => target.name)).toEqual(['web-2'])
    expect(workers.view.deployment.plan!.warnings).toContain('web-1 is left out: web-1 refused the connection')
  })

  it('leaves out a host that failed when it was brought up last', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    const broken = fleet.machines.get('web-2')!
    broken.current = '1.9.0'
    broken.fault = 'cannot-introduce'
    await clock.run(another({ only: 'behind', converges }).runToTheEnd())
    const workers = another({ only: 'behind', converges })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toMatchObject({
      status: 'succeeded',
      note: 'nothing is behind 2.0.0: 3 hosts run it; left out: web-2 (failed in d-2: vesemir retry d-2)',
    })
  })

  it('does nothing once another version should run', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    await clock.run(another({ version: '3.0.0' }).runToTheEnd())
    const workers = another({ only: 'behind', converges })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toMatchObject({ status: 'failed', failure: { code: 'CONVERGE_OUTDATED' } })
    expect([...fleet.machines.values()].map(({ running }) => running)).toEqual(Array(4).fill('3.0.0'))
  })

  it('brings nothing back while a deployment of another version has failed', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    fleet.machines.get('web-3')!.fault = 'never-healthy'
    await clock.run(another({ version: '3.0.0' }).runToTheEnd())
    const workers = another({ only: 'behind', converges })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toMatchObject({ status: 'failed', failure: { code: 'CONVERGE_UNSETTLED' } })
    expect(fleet.machines.get('web-1')!.running).toBe('3.0.0')
  })
})
