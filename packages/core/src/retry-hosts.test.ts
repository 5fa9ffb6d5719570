import { aBalancedSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { isIncomplete } from './is-incomplete.ts'
import { unknownHosts } from './requeue-hosts.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

/** A deployment of four hosts, of which some cannot be healthy, and that has ended. */
async function aFailedDeployment({
  failing,
  rollout = {},
  hosts = {},
}: {
  failing: string[]
  rollout?: object
  hosts?: object
}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts: 4 })
  const spec = aBalancedSpec({
    concurrency: '100%',
    acceptLowCapacity: true,
    loadBalancer: { minHealthy: 0, degradationTime: '1s' },
    rollout,
    hosts,
  })
  const workers = new SimulatedWorkers(clock, fleet, spec)
  for (const name of failing) fleet.machines.get(name)!.fault = 'never-healthy'
  await clock.run(workers.runToTheEnd())
  for (const machine of fleet.machines.values()) delete machine.fault
  const retry = async (hosts?: string[], without?: string[]) => {
    const after = workers.events.length
    workers.command({ command: 'retry', ...(hosts ? { hosts } : {}), ...(without ? { without } : {}) })
    await clock.run(workers.runToTheEnd())
    const since = workers.events.slice(after)
    return since.flatMap((event) => (event.type === 'host.claimed' ? [event.host] : []))
  }
  return { clock, fleet, workers, retry }
}

const statuses = ({ view }: SimulatedWorkers) => view.hosts.map(({ state }) => state.status)

test('a retry of one of several failed hosts walks that one, and the others keep why they failed', async () => {
  const { workers, retry } = await aFailedDeployment({ failing: ['web-1', 'web-2'] })
  const other = workers.host('web-2')

  const walked = await retry(['web-1'])

  expect(walked).toEqual(['web-1'])
  expect(statuses(workers)).toEqual(['succeeded', 'failed', 'succeeded', 'succeeded'])
  expect(workers.host('web-2')).toEqual(other)
  expect(workers.view.deployment.state).toMatchObject({
    status: 'failed',
    failure: { message: 'some hosts that the command did not name are not deployed; hosts: 1 failed, 3 succeeded' },
  })
  expect(workers.untrueRecords()).toEqual([])
})

test('every attempt keeps its outcome and reason', async () => {
  const { fleet, workers, retry } = await aFailedDeployment({ failing: ['web-1'] })
  fleet.machines.get('web-1')!.fault = 'unreachable'
  await retry(['web-1'])
  delete fleet.machines.get('web-1')!.fault
  await retry(['web-1'])

  expect(workers.host('web-1')).toMatchObject({
    state: { status: 'succeeded' },
    attempt: 3,
    history: [
      { attempt: 1, intent: 'deploy', status: 'failed', traffic: 'drained', failure: { code: 'HEALTH_CHECK_FAILED' } },
      { attempt: 2, intent: 'deploy', status: 'unreachable', failure: { code: 'SSH_UNREACHABLE' } },
    ],
  })
  expect(workers.view.deployment.state.status).toBe('succeeded')
})

test('what was to be walked again is as its last walk left it when the deployment is cancelled before', async () => {
  const { clock, workers } = await aFailedDeployment({ failing: ['web-1'] })
  const before = workers.view.hosts
  workers.onFirst('hosts.requeued', () => workers.command({ command: 'cancel', now: true }))
  workers.command({ command: 'rollback' })

  await clock.run(workers.runToTheEnd())

  expect(workers.events.filter(({ type }) => type === 'host.claimed')).toHaveLength(4)
  expect(workers.view.hosts.map(({ state, intent }) => ({ state, intent }))).toEqual(
    before.map(({ state, intent }) => ({ state, intent })),
  )
  expect(workers.view.deployment).toMatchObject({
    state: { status: 'cancelled', failure: { message: expect.stringContaining('hosts: 1 failed, 3 succeeded') } },
    counts: { failed: 1, succeeded: 3, pending: 0 },
  })
})

test('a host that succeeded is walked again when it is named', async () => {
  const { workers, retry } = await aFailedDeployment({ failing: [] })

  const walked = await retry(['web-3'])

  expect(walked).toEqual(['web-3'])
  expect(workers.view.deployment.state.status).toBe('succeeded')
})

test('at a gate about failures, one of them is retried, and the others are asked about again', async () => {
  const rollout = { onFailure: 'ask', askTimeout: '1h', askDefault: 'stop' }
  const { clock, fleet, workers } = await aFailedDeployment({ failing: [], rollout })
  const next = workers.another('3.0.0')
  for (const name of ['web-1', 'web-2']) fleet.machines.get(name)!.fault = 'never-healthy'
  next.commandWhen('gated', { command: 'retry', hosts: ['web-1'] }, () => {
    for (const machine of fleet.machines.values()) delete machine.fault
  })

  await clock.run(next.runToTheEnd())

  const gates = next.events.flatMap((event) =>
    event.type === 'deployment.gated' && event.gate.kind === 'failure' ? [event.gate.hosts.toSorted()] : [],
  )
  expect(gates).toEqual([['web-1', 'web-2'], ['web-2']])
  expect(next.host('web-1').state.status).toBe('succeeded')
})

test('a host that is not of the plan is refused by its name', () => {
  const planned = ['web-1', 'web-2', 'web-3', 'web-4']

  expect(unknownHosts(['web-1', 'web-9'], { id: 'd-1', planned })?.message).toBe(
    'd-1 has no host web-9; its hosts are web-1, web-2, web-3 and 1 more',
  )
  expect(unknownHosts(['web-1'], { id: 'd-1', planned })).toBeUndefined()
})

test('hosts are found again: one that has moved is walked where it is, and one that is gone stays as it was', async () => {
  const { fleet, workers, retry } = await aFailedDeployment({ failing: ['web-1', 'web-2'] })
  const machine = fleet.machines.get('web-1')!
  machine.target = { ...machine.target, address: '10.0.0.9' }
  fleet.gone.add('web-2')

  const walked = await retry()

  expect(walked).toEqual(['web-1'])
  expect(workers.host('web-1')).toMatchObject({ target: { address: '10.0.0.9' }, state: { status: 'succeeded' } })
  expect(workers.host('web-2')).toMatchObject({
    state: { status: 'failed', failure: { code: 'HEALTH_CHECK_FAILED' } },
    gone: { code: 'HOST_GONE' },
  })
  expect(workers.view.deployment.state).toMatchObject({
    status: 'succeeded',
    note: 'hosts: 1 gone from the inventory, 3 succeeded',
  })
})

test('a host is retried although its deployment was for named hosts, of which another has left the inventory', async () => {
  const { fleet, workers, retry } = await aFailedDeployment({
    failing: ['web-1', 'web-2'],
    hosts: { only: ['web-1', 'web-2'] },
  })
  fleet.gone.add('web-2')

  const walked = await retry(['web-1'])

  expect(walked).toEqual(['web-1'])
  expect(workers.host('web-2')).toMatchObject({ state: { status: 'failed' }, gone: { code: 'HOST_GONE' } })
  expect(workers.view.deployment.state).toMatchObject({
    status: 'succeeded',
    note: 'hosts: 1 gone from the inventory, 1 succeeded',
  })
  expect(isIncomplete(workers.view.deployment)).toBe(true)
})

test('what is wrong with another host in the inventory does not stand in the way of the one that is named', async () => {
  const { fleet, workers, retry } = await aFailedDeployment({ failing: ['web-1', 'web-2'] })
  fleet.unusable.add('web-2')

  expect(await retry(['web-1'])).toEqual(['web-1'])
  expect(statuses(workers)).toEqual(['succeeded', 'failed', 'succeeded', 'succeeded'])
})

test('a host that is left out for good is not walked, does not count as failed, and can be named again', async () => {
  const { workers, retry } = await aFailedDeployment({ failing: ['web-1', 'web-2'] })

  const without = await retry(undefined, ['web-2'])
  const { state, excluded } = workers.view.deployment
  const isLeftIncomplete = isIncomplete(workers.view.deployment)
  const again = await retry()
  const named = await retry(['web-2'])

  expect([without, again, named]).toEqual([['web-1'], [], ['web-2']])
  expect(state).toMatchObject({ status: 'succeeded', note: 'hosts: 1 excluded, 3 succeeded' })
  expect([excluded, isLeftIncomplete]).toEqual([['web-2'], false])
  expect(workers.view.deployment).not.toHaveProperty('excluded')
  expect(statuses(workers)).toEqual(Array(4).fill('succeeded'))
})

test('leaving out the only host that is not done ends the deployment well, and walks nobody', async () => {
  const { fleet, workers, retry } = await aFailedDeployment({ failing: ['web-1'] })
  fleet.gone.add('web-1')

  expect(await retry(undefined, ['web-1'])).toEqual([])
  expect(workers.view.deployment.state.status).toBe('succeeded')
})

test('the way back takes hosts too that were left out for good', async () => {
  const { clock, workers, retry } = await aFailedDeployment({ failing: ['web-1'] })
  await retry(undefined, ['web-1'])

  workers.command({ command: 'rollback' })
  await clock.run(workers.runToTheEnd())

  expect(statuses(workers)).toEqual(Array(4).fill('rolled-back'))
})

test.for([
  ['the inventory does not answer', 'INVENTORY_UNREACHABLE', undefined],
  ['the host is gone', 'HOST_GONE', undefined],
  ['the host is unknown', 'HOST_UNKNOWN', ['web-9']],
] as const)('when %s, a retry comes to nothing and erases nothing', async ([, code, hosts]) => {
  const { fleet, workers, retry } = await aFailedDeployment({ failing: ['web-1'] })
  const { deployment, hosts: before } = workers.view
  fleet.isInventoryDown = code === 'INVENTORY_UNREACHABLE'
  if (code === 'HOST_GONE') fleet.gone.add('web-1')

  const walked = await retry(hosts && [...hosts])

  expect(walked).toEqual([])
  expect(workers.view.hosts).toEqual(before)
  expect(workers.view.deployment).toMatchObject({
    state: { ...deployment.state, endedAt: expect.any(String) as string },
    refused: { code },
  })
})

test('a way back that begins by itself does not wait for the inventory', async () => {
  const { clock, fleet, workers } = await aFailedDeployment({ failing: [], rollout: { onFailure: 'rollback' } })
  const next = workers.another('3.0.0')
  fleet.machines.get('web-1')!.fault = 'never-healthy'
  next.onFirst('deployment.planned', () => (fleet.isInventoryDown = true))
  next.onFirst('hosts.requeued', () => delete fleet.machines.get('web-1')!.fault)

  await clock.run(next.runToTheEnd())

  expect(next.view.deployment.state.status).toBe('rolled-back')
})
