import type { Task } from '@vesemir/contract'
import { aBalancedSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'
import { SharedState, SimulatedWorkers } from './testing/simulated-workers.ts'

const migrate = { name: 'migrate', when: 'before', command: 'bin/migrate' } as Task
const undo = { name: 'undo', when: 'onRollback', command: 'bin/migrate down' } as Task

/** A deployment of a release that holds a secret, whose value is read as it is at each moment. */
function aRollout({ tasks = [] as Task[], beforeDeploy = [] as string[], writesFile = true } = {}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts: 2 })
  const shared = new SharedState()
  const secret = { value: 'hunter2-one' }
  shared.secrets = {
    read: async (names) => new Map(names.map((name) => [name, secret.value])),
    digest: (value, { variable }) => `${variable} ${value.at(-1)}`,
  }
  const changeset = { strategy: 'git' as const, repository: 'https://git.example/p', directory: '/srv/p', shared: [] }
  const file = writesFile ? { environmentFile: 'payments.env' } : {}
  const spec = aBalancedSpec({
    changeset: { ...changeset, revision: '{version}', keepReleases: 5, timeout: '5m', ...file },
    hooks: { beforeDeploy },
    variables: { TOKEN: { secret: 'token' } },
    acceptLowCapacity: true,
    concurrency: 1,
    tasks,
  })
  return { clock, fleet, secret, workers: new SimulatedWorkers(clock, fleet, spec, shared) }
}

const refusal = { code: 'PLAN_CHANGED', message: 'since d-1 was planned, the value of a secret has changed: TOKEN' }

test.each([
  ['that comes ahead', []],
  ['that has to wait for a hook', ['true']],
])('a host gets no release %s whose secret is new since the plan', async (_, beforeDeploy) => {
  const { clock, fleet, secret, workers } = aRollout({ beforeDeploy })
  workers.onFirst('host.ended', () => void (secret.value = 'hunter2-two'))

  await clock.run(workers.runToTheEnd())

  expect(workers.host('web-1').state.status).toBe('succeeded')
  expect(workers.host('web-2').state).toMatchObject({ status: 'failed', failure: refusal })
  expect(fleet.machines.get('web-2')!.running).not.toBe('2.0.0')
  expect(fleet.violations).toEqual([])
})

test('a task gets no release whose secret is new since the plan, but on the way back', async () => {
  const { clock, secret, workers } = aRollout({ tasks: [migrate, undo] })
  workers.onFirst('task.started', () => void (secret.value = 'hunter2-two'))

  await clock.run(workers.runToTheEnd())
  expect(workers.view.deployment.tasks).toMatchObject([{ task: 'migrate', status: 'failed', failure: refusal }])
  expect(workers.taskRuns).toEqual([])

  workers.command({ command: 'rollback' })
  await clock.run(workers.runToTheEnd())
  expect(workers.taskRuns.map(({ task }) => task)).toEqual(['undo'])
})

test('a release without the file is the same with another secret', async () => {
  const { clock, secret, workers } = aRollout({ writesFile: false })
  workers.onFirst('host.ended', () => void (secret.value = 'hunter2-two'))

  await clock.run(workers.runToTheEnd())

  expect(workers.view.deployment.state.status).toBe('succeeded')
})
