import type { DeploymentEvent, Task } from '@vesemir/contract'
import { aBalancedSpec } from '@vesemir/contract/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeTasks } from './describe-tasks.ts'
import { listTasks } from './next-task.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

const migrate = { name: 'migrate', when: 'before', command: 'bin/migrate' } as const
const canary = { name: 'canary', when: 'between', program: 'smoke-test' } as const
const smoke = { name: 'smoke', when: 'after', program: 'smoke-test' } as const
const undo = { name: 'undo', when: 'onRollback', command: 'bin/migrate down' } as const

type Given = Pick<Task, 'name' | 'when'> & Partial<Task>

function aRollout({
  tasks = [smoke, migrate, undo, canary] as readonly Given[],
  hosts = 3,
  concurrency = [1, 2] as number | number[],
  rollout = {},
  goesBack = false,
  variables = {},
} = {}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts })
  const spec = aBalancedSpec({
    loadBalancer: { degradationTime: '1s', minHealthy: 0 },
    acceptLowCapacity: true,
    tasks: tasks as Task[],
    concurrency,
    rollout,
    goesBack,
    variables,
  })
  return { clock, fleet, workers: new SimulatedWorkers(clock, fleet, spec) }
}

const ran = (workers: SimulatedWorkers) => workers.taskRuns.map(({ task }) => task)
const stateOf = ({ view }: SimulatedWorkers) => view.deployment.state
const recordOf = ({ view }: SimulatedWorkers, name: string) => view.deployment.tasks?.find(({ task }) => task === name)

/** What happened to hosts and tasks, in order: `migrate`, `web-1`. */
function course(events: readonly DeploymentEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.type === 'task.started') return [event.task]
    if (event.type === 'deployment.gated') return ['gate']
    return event.type === 'host.ended' ? [event.host] : []
  })
}

describe('tasks', () => {
  it('run once each: before the first host, after the first wave, and after the last host', async () => {
    const { clock, workers } = aRollout()

    await clock.run(workers.runToTheEnd())

    expect(stateOf(workers)).toMatchObject({ status: 'succeeded' })
    expect(course(workers.events).slice(0, 3)).toEqual(['migrate', 'web-1', 'canary'])
    expect(course(workers.events).at(-1)).toBe('smoke')
    expect(recordOf(workers, 'migrate')).toMatchObject({ status: 'succeeded', on: 'web-1', durationMs: 550 })
    expect(recordOf(workers, 'undo')).toBeUndefined()
  })

  it('between waves run at the end of the only wave', async () => {
    const { clock, workers } = aRollout({ concurrency: 3 })

    await clock.run(workers.runToTheEnd())

    expect(course(workers.events).slice(-2)).toEqual(['canary', 'smoke'])
  })

  it('wait for the gate before the first host, and are done when the next gate asks', async () => {
    const gates = [0, 1].map((afterWave) => ({ afterWave, wait: '1m' }))
    const { clock, workers } = aRollout({ rollout: { gates } })

    await clock.run(workers.runToTheEnd())

    expect(course(workers.events).slice(0, 5)).toEqual(['gate', 'migrate', 'web-1', 'canary', 'gate'])
  })

  it('that fail before the first host leave every host as it was', async () => {
    const { clock, fleet, workers } = aRollout()
    workers.failingTasks.add('migrate')

    await clock.run(workers.runToTheEnd())

    expect(stateOf(workers)).toMatchObject({
      status: 'failed',
      failure: {
        code: 'TASK_FAILED',
        message: 'task migrate failed: migrate exited with 1; no host was drained; hosts: 3 not started, 0 succeeded',
      },
    })
    expect(workers.events.some(({ type }) => type === 'host.claimed')).toBe(false)
    expect([...fleet.machines.values()].every(({ current }) => current === '1.0.0')).toBe(true)
  })

  it('that fail at the end make the deployment failed, with hosts as they are', async () => {
    const { clock, workers } = aRollout()
    workers.failingTasks.add('smoke')

    await clock.run(workers.runToTheEnd())

    expect(stateOf(workers)).toMatchObject({ status: 'failed', failure: { code: 'TASK_FAILED' } })
    expect(workers.view.deployment.counts).toMatchObject({ succeeded: 3 })
  })

  it('that fail between waves turn the deployment back where onFailure says so', async () => {
    const { clock, workers } = aRollout({ rollout: { onFailure: 'rollback' } })
    workers.failingTasks.add('canary')

    await clock.run(workers.runToTheEnd())

    expect(stateOf(workers)).toMatchObject({ status: 'rolled-back' })
    expect(ran(workers)).toEqual(['migrate', 'canary', 'undo'])
    expect(workers.view.deployment.counts).toMatchObject({ pending: 2, 'rolled-back': 1 })
  })

  it('that failed run again at a retry, those that are done do not', async () => {
    const { clock, workers } = aRollout()
    workers.failingTasks.add('smoke')
    await clock.run(workers.runToTheEnd())
    workers.failingTasks.clear()

    workers.command({ command: 'retry' })
    await clock.run(workers.runToTheEnd())

    expect(stateOf(workers)).toMatchObject({ status: 'succeeded' })
    expect(ran(workers)).toEqual(['migrate', 'canary', 'smoke', 'smoke'])
  })

  it('of the way back run after it; then those of the way forward are to be done again', async () => {
    const { clock, workers } = aRollout({ tasks: [migrate, undo] })
    await clock.run(workers.runToTheEnd())

    workers.command({ command: 'rollback' })
    await clock.run(workers.runToTheEnd())
    expect(stateOf(workers)).toMatchObject({ status: 'rolled-back' })
    expect(course(workers.events).at(-1)).toBe('undo')
    workers.command({ command: 'retry' })
    await clock.run(workers.runToTheEnd())

    expect(stateOf(workers)).toMatchObject({ status: 'succeeded' })
    expect(ran(workers)).toEqual(['migrate', 'undo', 'migrate'])
  })

  it.for(['rollback', 'reject'] as const)(
    'undo nothing when nothing had begun: a gate before all, then %s',
    async (command) => {
      const gates = [{ afterWave: 0, wait: 'approval', timeout: '1h' }]
      const { clock, workers } = aRollout({ tasks: [migrate, undo], rollout: { gates } })
      workers.commandWhen('gated', { command })
      await clock.run(workers.runToTheEnd())

      workers.command({ command: 'rollback' })
      await clock.run(workers.runToTheEnd())

      expect(stateOf(workers)).toMatchObject({
        status: 'rolled-back',
        failure: { message: 'undo did not run, since no task and no host had begun; hosts: 0 succeeded' },
      })
      expect(ran(workers)).toEqual([])
    },
  )

  it('undo once what was done once', async () => {
    const { clock, workers } = aRollout({ tasks: [migrate, undo] })
    await clock.run(workers.runToTheEnd())
    workers.command({ command: 'rollback' })
    await clock.run(workers.runToTheEnd())

    // Nothing of the retry has begun when it is cancelled.
    workers.onFirst('hosts.requeued', () => workers.command({ command: 'cancel', now: false }))
    workers.command({ command: 'retry' })
    await clock.run(workers.runToTheEnd())
    workers.command({ command: 'rollback' })
    await clock.run(workers.runToTheEnd())

    expect(stateOf(workers)).toMatchObject({ status: 'rolled-back' })
    expect(ran(workers)).toEqual(['migrate', 'undo'])
  })

  it('of the way back run again when hosts were changed again', async () => {
    const { clock, workers } = aRollout({ tasks: [undo] })
    await clock.run(workers.runToTheEnd())

    for (const command of ['rollback', 'retry', 'rollback'] as const) {
      workers.command({ command })
      await clock.run(workers.runToTheEnd())
    }

    expect(stateOf(workers)).toMatchObject({ status: 'rolled-back' })
    expect(ran(workers)).toEqual(['undo', 'undo'])
  })

  it('of a deployment that goes back are those of the way back alone, after the last host', async () => {
    const { clock, workers } = aRollout({ goesBack: true })

    await clock.run(workers.runToTheEnd())

    expect(stateOf(workers)).toMatchObject({ status: 'succeeded' })
    expect(course(workers.events)).toEqual(['web-1', 'web-2', 'web-3', 'undo'])
    expect(workers.taskRuns[0]!.env).toMatchObject({ VESEMIR_INTENT: 'rollback' })
    expect(listTasks(workers.view.deployment).map(({ task }) => task.name)).toEqual(['undo'])
    expect(describeTasks(workers.view.deployment.spec).map(({ task }) => task)).toEqual(['undo'])
  })

  it('of a deployment that goes back stay done when that is rolled back and retried', async () => {
    const { clock, workers } = aRollout({ goesBack: true })
    await clock.run(workers.runToTheEnd())

    workers.command({ command: 'rollback' })
    await clock.run(workers.runToTheEnd())
    expect(stateOf(workers)).toMatchObject({ status: 'rolled-back' })
    workers.command({ command: 'retry' })
    await clock.run(workers.runToTheEnd())

    expect(stateOf(workers)).toMatchObject({ status: 'succeeded' })
    expect(ran(workers)).toEqual(['undo'])
  })

  it('have the variables in commands on hosts alone, those of the task before those of the application', async () => {
    const environment = { LEVEL: 'debug' }
    const variables = { LEVEL: 'info', REGION: 'eu' }
    const { clock, workers } = aRollout({ tasks: [{ ...migrate, environment }, smoke], variables })

    await clock.run(workers.runToTheEnd())

    const [command, program] = workers.taskRuns.map(({ env }) => env)
    expect(command).toMatchObject({ LEVEL: 'debug', REGION: 'eu', VESEMIR_INTENT: 'deploy' })
    expect(program).not.toHaveProperty('REGION')
  })

  it('of the way back wait until every host is back', async () => {
    const { clock, fleet, workers } = aRollout()
    await clock.run(workers.runToTheEnd())
    fleet.machines.get('web-2')!.fault = 'unreachable'

    workers.command({ command: 'rollback' })
    await clock.run(workers.runToTheEnd())

    expect(stateOf(workers)).toMatchObject({ status: 'failed', failure: { code: 'HOSTS_FAILED' } })
    expect(ran(workers)).not.toContain('undo')
  })

  it('are stopped when the deployment is cancelled at once', async () => {
    const { clock, workers } = aRollout()
    workers.onFirst('task.started', () => workers.command({ command: 'cancel', now: true }))

    await clock.run(workers.runToTheEnd())

    expect(stateOf(workers)).toMatchObject({ status: 'cancelled' })
    expect(recordOf(workers, 'migrate')).toMatchObject({ status: 'failed', failure: { code: 'CANCELLED' } })
  })

  it('end before a pause begins', async () => {
    const { clock, workers } = aRollout()
    workers.onFirst('task.started', () => workers.command({ command: 'pause' }))
    workers.commandWhen('paused', { command: 'resume' })

    await clock.run(workers.runToTheEnd())

    const types = workers.events.map(({ type }) => type)
    expect(types.indexOf('deployment.paused')).toBeGreaterThan(types.indexOf('task.ended'))
    expect(ran(workers).filter((task) => task === 'migrate')).toHaveLength(1)
  })

  it.for([
    { repeatable: false, runs: 1, state: { status: 'failed', failure: { code: 'TASK_INTERRUPTED' } } },
    { repeatable: true, runs: 2, state: { status: 'succeeded' } },
  ])('whose worker was lost in the middle run again only where they are repeatable', async (expected) => {
    const { repeatable, runs, state } = expected
    const { clock, workers } = aRollout({ tasks: [{ ...migrate, repeatable }] })
    workers.onFirst('task.started', () => void clock.sleep(200).then(() => workers.crashNext()))

    await clock.run(workers.runToTheEnd())

    expect(workers.crashes).toBe(1)
    expect(workers.taskRuns).toHaveLength(runs)
    expect(stateOf(workers)).toMatchObject(state)
  })

  it.for([
    { repeatable: true, runs: [false, true] },
    { repeatable: false, runs: [true] },
  ])('are stopped when another worker might begin them again: $repeatable', async ({ repeatable, runs }) => {
    const { clock, workers } = aRollout({ tasks: [{ ...migrate, repeatable }] })
    workers.taskMs = 10_000
    workers.onFirst('task.started', () => void clock.sleep(1000).then(() => workers.silenceClaims(20_000)))

    await clock.run(workers.runToTheEnd())

    expect(workers.taskRuns.map(({ isDone }) => isDone)).toEqual(runs)
    expect(stateOf(workers)).toMatchObject({ status: 'succeeded' })
  })

  it('act only when replicas know of their start, where that is demanded', async () => {
    const { clock, workers } = aRollout()
    workers.isReplicated = false
    await clock.run(workers.runToTheEnd())

    expect(workers.taskRuns).toEqual([])
    expect(recordOf(workers, 'migrate')).toMatchObject({ status: 'failed', failure: { code: 'REDIS_NOT_REPLICATED' } })
    workers.isReplicated = true
    workers.command({ command: 'retry' })
    await clock.run(workers.runToTheEnd())

    expect(stateOf(workers)).toMatchObject({ status: 'succeeded' })
    expect(ran(workers)).toEqual(['migrate', 'canary', 'smoke'])
  })

  it('run at most once, and none too early, wherever workers die', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          hosts: fc.integer({ min: 1, max: 4 }),
          concurrency: fc.constantFrom(1, 4, [1, 2]),
          crashes: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 }),
          repeatable: fc.boolean(),
          failing: fc.option(fc.constantFrom('migrate', 'canary', 'smoke', 'undo'), { nil: undefined }),
          onFailure: fc.constantFrom('stop', 'rollback'),
          goesBack: fc.boolean(),
          isGated: fc.boolean(),
          rollback: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
        }),
        async ({ failing, crashes, repeatable, onFailure, isGated, rollback, ...given }) => {
          const tasks = [smoke, migrate, undo, canary].map((task) => ({ ...task, repeatable }))
          const gates = isGated ? [{ afterWave: 0, wait: '1m' }] : []
          const { clock, fleet, workers } = aRollout({ ...given, tasks, rollout: { onFailure, gates } })
          if (failing !== undefined) workers.failingTasks.add(failing)
          workers.crashEvery(crashes)
          if (rollback !== undefined) workers.commandAfter([{ actions: rollback, command: { command: 'rollback' } }])

          await clock.run(workers.runToTheEnd())

          expect(brokenRules(workers, { repeatable })).toEqual([])
          expect(fleet.violations).toEqual([])
          expect(workers.untrueRecords()).toEqual([])
        },
      ),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 100) },
    )
  }, 300_000)
})

/** In words, each rule of tasks that a deployment which has ended has broken. */
function brokenRules(workers: SimulatedWorkers, { repeatable }: { repeatable: boolean }): string[] {
  const { deployment } = workers.view
  const { goesBack } = deployment.spec
  const records = deployment.tasks ?? []
  const runsOf = (name: string) => workers.taskRuns.filter(({ task }) => task === name)
  const order = course(workers.events).filter((name) => name !== 'gate')
  const firstHost = order.findIndex((name) => name.startsWith('web-'))
  const isEach = records.map(({ task }) => task).join() === (goesBack ? 'undo' : 'migrate,canary,smoke')
  const rules = {
    'a task ran again that may not': records.every(
      ({ task }) => runsOf(task).length <= (repeatable ? 1 + workers.crashes : 1),
    ),
    'a task is recorded done that was not, or ran after it': records.every(
      ({ task, status }) => status !== 'succeeded' || runsOf(task).at(-1)?.isDone,
    ),
    'a task is still running': records.every(({ status }) => status !== 'running'),
    'a host came before the migration': goesBack || firstHost === -1 || order[0] === 'migrate',
    'a task of the way forward ran on the way back': !goesBack || records.every(({ task }) => task === 'undo'),
    'undo came although nothing had begun': goesBack || order[0] !== 'undo',
    'what was begun was not undone':
      goesBack ||
      deployment.state.status !== 'rolled-back' ||
      order.every((name) => name === 'gate') ||
      order.at(-1) === 'undo',
    'a task was left out': deployment.state.status !== 'succeeded' || isEach,
    'a task of the way back ran on the way forward':
      runsOf('undo').length === 0 || goesBack || deployment.intent === 'rollback',
  }
  return Object.entries(rules).flatMap(([rule, isKept]) => (isKept ? [] : [rule]))
}
