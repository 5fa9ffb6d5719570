import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeploymentEvent, Task } from '@vesemir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readHosts } from '../../infra/demo/read-hosts.ts'
import { showServers } from '../../infra/fleet/show-servers.ts'
import { startSystem, type System } from '../support/start-system.ts'

let system: System
/** Where tasks leave what they did: hosts run as another user. */
let folder: string
const secret = randomBytes(16).toString('base64url')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-tasks-'))
  await mkdir(join(folder, 'done'))
  await Promise.all([chmod(folder, 0o711), chmod(join(folder, 'done'), 0o777)])
  await writeFile(join(folder, 'secret'), secret)
  const smoke = `echo "$VESEMIR_TASK of $VESEMIR_VERSION"; echo "$VESEMIR_TASK" >> ${join(folder, 'done/smoke')}`
  system = await startSystem({
    fleet: { hosts: 2, boxes: 1 },
    workers: [],
    settings: {
      tasks: { 'smoke-test': { command: ['sh', '-c', smoke] } },
      secrets: { database: { file: join(folder, 'secret'), applications: ['payments'] } },
    },
  })
  await system.startWorker('worker-1')
})
afterAll(async () => {
  await system?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const done = (name: string) => readFile(join(folder, 'done', name), 'utf8').catch(() => '')

async function start(version: string, tasks: (Pick<Task, 'name' | 'when'> & Partial<Task>)[]): Promise<string> {
  await system.release(version)
  const { application, environment } = system.fleet
  const order = { application, environment, version, tasks, acceptLowCapacity: true }
  return (await system.client.createDeployment(order)).id
}

async function until(id: string, isMeant: (event: DeploymentEvent) => boolean): Promise<DeploymentEvent[]> {
  const events: DeploymentEvent[] = []
  for await (const item of system.client.followEvents(id, { signal: AbortSignal.timeout(60_000) })) {
    if ('kind' in item) continue
    events.push(item)
    if (isMeant(item)) return events
  }
  throw new Error(`${id} ended before`)
}

const untilEnded = (id: string) => until(id, ({ type }) => type === 'deployment.ended')
const servers = () => showServers(system.fleet, 'lb-1')

test('a migration runs in the new release before any drain, and a smoke test on the worker at the end', async () => {
  const migrate = `./migrate; echo "with $PASSWORD"; grep version release.json; basename "$PWD" > ${join(folder, 'done/migrate')}`
  const id = await start('1.0.0', [
    { name: 'smoke', when: 'after', program: 'smoke-test' },
    { name: 'migrate', when: 'before', command: migrate, environment: { PASSWORD: { secret: 'database' } } },
  ])

  const events = await untilEnded(id)

  const { deployment } = await system.client.getDeployment(id)
  expect(deployment.state).toMatchObject({ status: 'succeeded' })
  expect(deployment.tasks).toMatchObject([
    { task: 'migrate', status: 'succeeded', on: 'web-1' },
    { task: 'smoke', status: 'succeeded' },
  ])
  const types = events.map(({ type }) => type)
  expect(types.indexOf('task.ended')).toBeLessThan(types.indexOf('host.claimed'))
  expect(types.lastIndexOf('task.started')).toBeGreaterThan(types.lastIndexOf('host.ended'))
  expect((await done('migrate')).trim()).toBe(deployment.plan!.release.id)
  expect(await done('smoke')).toBe('smoke\n')
  const { stdout } = await system.cli('logs', id, '--task', 'migrate')
  expect(stdout).toContain('the schema is at version 1.0.0')
  expect(stdout).toContain('"version": "1.0.0"')
  expect(stdout).toContain('with ***')
  expect(JSON.stringify(events)).not.toContain(secret)
  expect((await system.cli('status', id)).stdout).toMatch(/migrate +before the first host +succeeded/)
})

test('a task that fails before the first host drains nothing, says so, and is run again by a retry', async () => {
  const before = await servers()
  const flag = join(folder, 'done/flag')
  const id = await start('2.0.0', [{ name: 'migrate', when: 'before', command: `test -e ${flag}` }])

  const events = await untilEnded(id)
  const status = await system.cli('status', id)
  const seen = await servers()
  await writeFile(flag, '')
  const retried = await system.cli('retry', id)

  expect(events.at(-1)).toMatchObject({ outcome: 'failed', failure: { code: 'TASK_FAILED' } })
  expect(status.stdout).toContain('no host was drained')
  expect(seen.map(({ adminState, weight }) => [adminState, weight])).toEqual(
    before.map(({ adminState, weight }) => [adminState, weight]),
  )
  expect(events.filter(({ type }) => type.startsWith('host.') || type.startsWith('servers.'))).toEqual([])
  expect(retried.exit).toBe(0)
  expect((await readHosts(system.fleet)).map(({ version }) => version)).toEqual(['2.0.0', '2.0.0'])
})

test('a worker is killed in the middle of a task: it is not run again, and a retry is a person’s decision', async () => {
  const counted = join(folder, 'done/counted')
  const gate = join(folder, 'done/gate')
  const command = `echo run >> ${counted}; echo begun; until test -e ${gate}; do sleep 0.1; done`
  const id = await start('3.0.0', [{ name: 'migrate', when: 'before', command }])
  await until(id, ({ type }) => type === 'task.logged')
  const { pid } = system.fleet.processes.find(({ name }) => name === 'worker-1')!
  await system.startWorker('worker-2')

  process.kill(pid, 'SIGKILL')

  const events = await untilEnded(id)
  expect(events.at(-1)).toMatchObject({ outcome: 'failed', failure: { code: 'TASK_INTERRUPTED' } })
  expect(await done('counted')).toBe('run\n')
  await writeFile(gate, '')
  expect((await system.cli('retry', id)).exit).toBe(0)
  expect(await done('counted')).toBe('run\nrun\n')
})

test('a program that the worker does not have is refused by the plan', async () => {
  const { application, environment } = system.fleet
  const tasks = '[{name: warm, when: after, program: warm-up}]'
  await system.release('4.0.0')

  const { exit, stderr } = await system.cli(
    'plan',
    application,
    '-e',
    environment,
    '--version',
    '4.0.0',
    '--set',
    `tasks=${tasks}`,
  )

  expect(exit).toBe(2)
  expect(stderr).toContain('have no program warm-up for tasks; they have: smoke-test')
})
