import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { followToEnd } from '../faults/follow.ts'
import { sampleCommandLines, type CommandLines } from '../support/command-lines.ts'
import { startSystem, type System } from '../support/start-system.ts'

// One application with variables, one of them a secret, through two deployments and the way back.

const secrets = {
  first: `first $"'\\${randomBytes(12).toString('hex')}`,
  second: `second ${randomBytes(12).toString('hex')}`,
}

let folder: string
let system: System
let processes: CommandLines

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-variables-'))
  await writeFile(join(folder, 'token'), secrets.first, { mode: 0o600 })
  processes = sampleCommandLines()
  system = await startSystem({
    fleet: { hosts: 2, boxes: 1 },
    settings: { secrets: { token: { file: join(folder, 'token'), applications: ['payments'] } } },
  })
  const { client, fleet } = system
  await Promise.all([system.release('1.0.0'), system.release('2.0.0')])
  const usual = await client.getApplication(fleet.application)
  const { changeset } = usual as { changeset: object }
  await client.putApplication({
    ...usual,
    changeset: {
      ...changeset,
      environmentFile: 'payments.env',
      templates: [{ from: 'greeting.yml.tmpl', to: 'config/greeting.yml' }],
    },
    variables: { GREETING: 'hello from all', TOKEN: { secret: 'token' } },
    environments: { [fleet.environment]: { variables: { GREETING: 'hello "$HOME" from 1' } } },
    // In the folder of the new release, which it brings to the first host.
    tasks: [{ name: 'migrate', when: 'before', command: 'test -n "$TOKEN" && grep -c hello payments.env' }],
    hooks: { afterRestart: ['test -n "$TOKEN" && echo "greeting: $GREETING"'] },
  } as unknown as typeof usual)
})
afterAll(async () => {
  await processes?.[Symbol.asyncDispose]()
  await system?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

async function deploy(version: string, variables?: Record<string, string>) {
  const { application, environment } = system.fleet
  const request = { application, environment, version, acceptLowCapacity: true, ...(variables && { variables }) }
  const { id } = await system.client.createDeployment(request)
  return followToEnd(system, id)
}

async function greeting(): Promise<string[]> {
  const { hosts, appPort } = system.fleet
  return Promise.all(hosts.map(async ({ address }) => (await fetch(`http://${address}:${appPort}/greeting`)).text()))
}

/** What was made of the template on each host. */
const filled = () => files('config/greeting.yml').map(({ text, mode }) => ({ ...(parse(text) as object), mode }))

/** A file with variables, of each host. */
function files(path = 'payments.env'): { text: string; mode: string; owner: number }[] {
  const { dir, hosts, application } = system.fleet
  return hosts.map(({ name }) => {
    const file = realpathSync(join(dir, 'vm', name, 'srv', application, 'current', path))
    const { mode, uid } = statSync(file)
    return { text: readFileSync(file, 'utf8'), mode: (mode & 0o777).toString(8), owner: uid }
  })
}

/** All that Redis has on its disk, and the log of every process. */
async function leftBehind(): Promise<Map<string, string>> {
  const redis = new Redis(system.fleet.redisUrl)
  await redis.config('SET', 'rdbcompression', 'no')
  await redis.save()
  const [, directory] = (await redis.config('GET', 'dir')) as [string, string]
  redis.disconnect()
  const kept = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const logs = [...new Set(system.fleet.processes.flatMap(({ logFiles }) => logFiles))]
  const paths = [...kept.map(({ parentPath, name }) => join(parentPath, name)), ...logs]
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path, 'latin1')] as const)))
}

test('an application runs with its variables, and a rollback brings back those of before', async () => {
  const first = await deploy('1.0.0')
  const greeted = await greeting()
  const [file] = files()
  const filledAtFirst = filled()
  await writeFile(join(folder, 'token'), secrets.second, { mode: 0o600 })
  const plan = await system.client.createPlan({
    application: system.fleet.application,
    environment: system.fleet.environment,
    version: '2.0.0',
    variables: { GREETING: 'hello from 2', EXTRA: 'x' },
  })
  const shown = await system.cli('plan', system.fleet.application, '-e', system.fleet.environment, '--version', '2.0.0')
  const second = await deploy('2.0.0', { GREETING: 'hello from 2', EXTRA: 'x' })
  const changed = { greeted: await greeting(), text: files()[0]!.text, filled: filled() }
  const { id } = second.view.deployment
  await system.cli('rollback', id)
  const back = await system.client.getDeployment(id)

  expect(first.view.deployment.state).toMatchObject({ status: 'succeeded' })
  expect(greeted).toEqual(Array(2).fill('hello "$HOME" from 1'))
  expect(JSON.stringify(first.events)).toContain('greeting: hello')
  expect(first.view.deployment.tasks).toMatchObject([{ task: 'migrate', status: 'succeeded' }])
  expect(file).toMatchObject({ mode: '600', text: expect.stringContaining('TOKEN="first \\$\\"') as string })
  expect(plan.plan.changes).toMatchObject({
    since: first.view.deployment.id,
    settings: [
      { field: 'acceptLowCapacity', before: 'true', after: 'false' },
      { field: 'variables.EXTRA', change: 'added' },
      { field: 'variables.GREETING', change: 'changed' },
      { field: 'variables.TOKEN', change: 'changed' },
    ],
  })
  expect(shown.stdout).toMatch(/\n  variables\.TOKEN changed\n/)
  const [one, two] = system.fleet.hosts.map(({ name }) => name)
  const expected = { greeting: 'hello "$HOME" from 1', token: secrets.first, mode: '600' }
  expect(filledAtFirst).toEqual([
    { ...expected, host: one },
    { ...expected, host: two },
  ])
  expect(changed.filled[1]).toEqual({ greeting: 'hello from 2', token: secrets.second, mode: '600', host: two })
  expect(shown.stdout).toContain('config/greeting.yml (from greeting.yml.tmpl)')
  expect(changed.greeted).toEqual(Array(2).fill('hello from 2'))
  expect(changed.text).toBe(`EXTRA="x"\nGREETING="hello from 2"\nTOKEN="${secrets.second}"\n`)
  expect(back.deployment.state).toMatchObject({ status: 'rolled-back' })
  expect(await greeting()).toEqual(Array(2).fill('hello "$HOME" from 1'))
  expect(files()[1]).toEqual(file)
  expect(filled()).toEqual(filledAtFirst)
})

test('a template with a placeholder that is no variable fails the plan, before any host', async () => {
  const { application, environment } = system.fleet
  const { changeset } = await system.client.getApplication(application)
  const templates = [
    { from: 'start', to: 'x' },
    { from: 'missing.tmpl', to: 'y' },
  ]

  const planned = system.client.createPlan({
    application,
    environment,
    version: '2.0.0',
    changeset: { ...(changeset as object), templates } as NonNullable<typeof changeset>,
  })

  await expect(planned).rejects.toMatchObject({
    code: 'TEMPLATE_INVALID',
    message: 'the template missing.tmpl: is no plain file of the artifact',
  })
})

test('the same version with a secret that has changed is put on the hosts again', async () => {
  const again = await deploy('1.0.0')

  expect(again.view.deployment.state).toMatchObject({ status: 'succeeded' })
  expect(files().map(({ text }) => text)).toEqual(Array(2).fill(expect.stringContaining(secrets.second)))
})

test('no secret is left in Redis, in a log or in a list of processes', async () => {
  const places = await leftBehind()
  places.set('processes', [...processes.seen].join('\n'))

  expect(places.size).toBeGreaterThan(5)
  const ends = Object.values(secrets).map((secret) => secret.slice(-24))
  const forms = ends.flatMap((end) => [end, Buffer.from(end).toString('base64').slice(0, -3)])
  expect([...places].filter(([, text]) => forms.some((form) => text.includes(form))).map(([place]) => place)).toEqual(
    [],
  )
})
