import { aBalancedSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'
import { hostsToRollBack, possibleCommands } from './offered-commands.ts'

function aFleet({ hosts = 4, minHealthy = 1, rollout = {} } = {}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts })
  fleet.minHealthy = minHealthy
  const spec = aBalancedSpec({ loadBalancer: { degradationTime: '1s', minHealthy }, rollout })
  return { clock, fleet, workers: new SimulatedWorkers(clock, fleet, spec) }
}

const current = (fleet: SimulatedFleet) => [...fleet.machines.values()].map((machine) => machine.current)
const stepsOf = (workers: SimulatedWorkers, host: string) => workers.host(host).steps.map(({ step }) => step)

test('a host whose changeset changed nothing gets its traffic back', async () => {
  const { clock, fleet, workers } = aFleet()
  fleet.machines.get('web-1')!.fault = 'cannot-introduce'

  await clock.run(workers.runToTheEnd())

  expect(workers.host('web-1')).toMatchObject({
    state: { status: 'failed', traffic: 'restored', failure: { code: 'COMMAND_FAILED' } },
    current: { release: '1.0.0' },
  })
  expect(workers.host('web-1').unproven).toBeUndefined()
  expect(workers.untrueRecords()).toEqual([])
})

test('a host that cannot say what its failed changeset has done stays out', async () => {
  const { clock, fleet, workers } = aFleet()
  fleet.machines.get('web-1')!.fault = 'lost-at-deploy'

  await clock.run(workers.runToTheEnd())

  expect(workers.host('web-1')).toMatchObject({ state: { traffic: 'drained' }, unproven: true })
})

test('a host that was unproven before stays so, whatever its next attempt changes', async () => {
  const { clock, fleet, workers } = aFleet()
  fleet.machines.get('web-1')!.fault = 'never-healthy'
  await clock.run(workers.runToTheEnd())
  fleet.machines.get('web-1')!.fault = 'cannot-introduce'

  workers.command({ command: 'retry' })
  await clock.run(workers.runToTheEnd())

  expect(workers.host('web-1')).toMatchObject({ state: { traffic: 'drained' }, unproven: true })
})

test('a host that someone else has changed is refused the way back before its drain', async () => {
  const { clock, fleet, workers } = aFleet()
  await clock.run(workers.runToTheEnd())
  fleet.machines.get('web-1')!.current = '1.5.0'

  workers.command({ command: 'rollback' })
  await clock.run(workers.runToTheEnd())

  expect(workers.host('web-1').state).toMatchObject({
    status: 'failed',
    failure: { code: 'RELEASE_CHANGED', message: 'web-1 runs 1.5.0, which is neither 2.0.0 nor 1.0.0' },
  })
  expect(stepsOf(workers, 'web-1')).toEqual(['connect'])
  expect(workers.untrueRecords()).toEqual([])
})

test('the way back stops at the failure budget, and can be taken up again', async () => {
  const { clock, fleet, workers } = aFleet()
  await clock.run(workers.runToTheEnd())
  fleet.machines.get('web-1')!.fault = 'unreachable'

  workers.command({ command: 'rollback' })
  await clock.run(workers.runToTheEnd())
  const stopped = workers.view
  delete fleet.machines.get('web-1')!.fault
  workers.command({ command: 'rollback' })
  await clock.run(workers.runToTheEnd())

  expect(stopped.deployment.state).toMatchObject({
    status: 'failed',
    failure: { message: 'some hosts could not be rolled back; hosts: 1 unreachable, 3 succeeded' },
  })
  expect(workers.view.deployment.state.status).toBe('rolled-back')
  expect(current(fleet)).toEqual(Array(4).fill('1.0.0'))
})

test('a host without a way back keeps no other host from going back', async () => {
  const { clock, fleet, workers } = aFleet({ rollout: { maxFailures: 0 } })
  const first = fleet.machines.get('web-1')!
  // It ran nothing before.
  Object.assign(first, { current: undefined })
  await clock.run(workers.runToTheEnd())

  workers.command({ command: 'rollback' })
  await clock.run(workers.runToTheEnd())

  expect(workers.host('web-1').state).toMatchObject({ status: 'failed', failure: { code: 'ROLLBACK_UNAVAILABLE' } })
  expect(current(fleet)).toEqual(['2.0.0', '1.0.0', '1.0.0', '1.0.0'])
  expect(workers.view.deployment.state).toMatchObject({
    status: 'failed',
    failure: { message: 'some hosts could not be rolled back; hosts: 1 failed, 3 rolled back, 0 succeeded' },
  })
})

test('a rollback takes only hosts on which something was changed', async () => {
  const { clock, fleet, workers } = aFleet({ rollout: { maxFailures: 2 } })
  fleet.machines.get('web-1')!.fault = 'cannot-introduce'
  fleet.machines.get('web-2')!.fault = 'disk-full'
  await clock.run(workers.runToTheEnd())

  workers.command({ command: 'rollback' })
  await clock.run(workers.runToTheEnd())

  expect(workers.events.findLast(({ type }) => type === 'hosts.requeued')).toMatchObject({ hosts: ['web-3', 'web-4'] })
  expect(workers.view.deployment.state.status).toBe('rolled-back')
})

test('a host that failed before its deploy is nothing to roll back: none is offered, and one that is given touches no host', async () => {
  const { clock, fleet, workers } = aFleet({ hosts: 1 })
  fleet.machines.get('web-1')!.fault = 'disk-full'
  await clock.run(workers.runToTheEnd())
  const failed = workers.view

  workers.command({ command: 'rollback' })
  await clock.run(workers.runToTheEnd())

  expect(hostsToRollBack(failed)).toEqual([])
  expect(possibleCommands(failed)).toEqual(['retry'])
  expect(workers.events.findLast(({ type }) => type === 'hosts.requeued')).toMatchObject({ hosts: [] })
  expect(workers.view.deployment.state.status).toBe('rolled-back')
})

test.for(['rollback', 'retry'] as const)(
  'where only one host may be out, a %s walks the one first that is out already',
  async (command) => {
    const { clock, fleet, workers } = aFleet({ minHealthy: 3 })
    fleet.machines.get('web-3')!.fault = 'never-healthy'
    await clock.run(workers.runToTheEnd())
    delete fleet.machines.get('web-3')!.fault

    workers.command({ command })
    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state.status).toBe(command === 'rollback' ? 'rolled-back' : 'succeeded')
    expect(fleet.violations).toEqual([])
    expect(workers.untrueRecords()).toEqual([])
  },
)

test('the way back by itself leaves nobody behind where only one host may be out', async () => {
  const { clock, fleet, workers } = aFleet({ minHealthy: 3, rollout: { onFailure: 'rollback' } })
  fleet.machines.get('web-3')!.fault = 'never-healthy'
  workers.onFirst('hosts.requeued', () => delete fleet.machines.get('web-3')!.fault)

  await clock.run(workers.runToTheEnd())

  expect(workers.view.deployment.state.status).toBe('rolled-back')
  expect(current(fleet)).toEqual(Array(4).fill('1.0.0'))
  expect(fleet.violations).toEqual([])
})

test('a host that was out of rotation and stays so does not stop the way back of the others', async () => {
  const { clock, fleet, workers } = aFleet({ rollout: { onFailure: 'rollback' } })
  const machine = fleet.machines.get('web-3')!
  machine.fault = 'never-healthy'
  workers.onFirst('hosts.requeued', () => (machine.fault = 'unreachable'))

  await clock.run(workers.runToTheEnd())

  expect(workers.view.deployment.state).toMatchObject({
    status: 'failed',
    failure: { message: expect.stringContaining('1 unreachable, 2 rolled back') as string },
  })
  expect(current(fleet)).toEqual(['1.0.0', '1.0.0', '2.0.0', '1.0.0'])
  expect(workers.untrueRecords()).toEqual([])
})

test('a host that ran the release already is not taken further back', async () => {
  const { clock, fleet, workers } = aFleet()
  await clock.run(workers.runToTheEnd())
  const again = workers.another()
  await clock.run(again.runToTheEnd())

  again.command({ command: 'rollback' })
  await clock.run(again.runToTheEnd())

  expect(again.view.hosts.map(({ release }) => release)).toEqual(Array(4).fill({ id: '2.0.0', previous: '2.0.0' }))
  expect(again.events.findLast(({ type }) => type === 'hosts.requeued')).toMatchObject({ hosts: [] })
  expect(current(fleet)).toEqual(Array(4).fill('2.0.0'))
})

test('one that ran the release already and fails with it is brought back with it', async () => {
  const { clock, fleet, workers } = aFleet()
  await clock.run(workers.runToTheEnd())
  const again = workers.another()
  fleet.machines.get('web-2')!.fault = 'restart-fails'
  await clock.run(again.runToTheEnd())
  delete fleet.machines.get('web-2')!.fault

  again.command({ command: 'rollback' })
  await clock.run(again.runToTheEnd())

  expect(again.events.findLast(({ type }) => type === 'hosts.requeued')).toMatchObject({ hosts: ['web-2'] })
  expect(again.host('web-2').state).toMatchObject({ status: 'rolled-back', traffic: 'restored' })
  expect(current(fleet)).toEqual(Array(4).fill('2.0.0'))
})

test('a worker that dies at any moment does not lose the way back', async () => {
  for (let actions = 1; actions <= 60; actions += 1) {
    const { clock, fleet, workers } = aFleet({ hosts: 2 })
    workers.crashEvery([actions])
    await clock.run(workers.runToTheEnd())

    workers.command({ command: 'rollback' })
    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state.status, `after ${actions} actions`).toBe('rolled-back')
    expect(current(fleet)).toEqual(['1.0.0', '1.0.0'])
  }
}, 120_000)
