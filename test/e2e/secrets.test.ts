import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '@vesemir/testing/start-server'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { followToEnd } from '../faults/follow.ts'
import { sampleCommandLines } from '../support/command-lines.ts'
import { startSystem, type System } from '../support/start-system.ts'

// Secrets are planted in every field that may have one. A whole deployment uses them; afterwards they are sought wherever it has left
// anything, in three encodings.

const secretNames = ['artifact', 'hook', 'restart', 'health', 'failing'] as const
const planted = Object.fromEntries(
  secretNames.map((name) => [name, `planted ${name}/+&='${randomBytes(12).toString('base64url')}`]),
) as Record<(typeof secretNames)[number], string>

let folder: string
let system: System
let server: Awaited<ReturnType<typeof startServer>>
/** The headers that the server of artifacts and health checks was asked with. */
const asked = new Map<string, Set<string>>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-planted-'))
  const keep = (name: keyof typeof planted, end = '') =>
    writeFile(join(folder, name), planted[name] + end, { mode: 0o600 })
  await Promise.all([
    keep('hook', '\n'),
    keep('restart'),
    keep('failing'),
    keep('health'),
    mkdir(join(folder, 'hosts')),
  ])
  // Hosts run as another user.
  await Promise.all([chmod(folder, 0o711), chmod(join(folder, 'hosts'), 0o777)])
  server = await startServer(createServer(answer))
  const applications = ['payments']
  system = await startSystem({
    fleet: { hosts: 2, boxes: 1 },
    workers: [],
    settings: {
      changesets: { artifact: { allow: ['127.0.0.0/8'] } },
      secrets: {
        artifact: { env: 'ARTIFACT', applications },
        hook: { file: join(folder, 'hook'), applications },
        restart: { command: ['cat', join(folder, 'restart')], applications },
        health: { file: join(folder, 'health'), applications },
        failing: { file: join(folder, 'failing'), applications },
        ledgers: { file: join(folder, 'hook'), applications: ['ledger'] },
        gone: { file: join(folder, 'gone'), applications },
      },
    },
  })
  await system.startWorker('worker-1', { ARTIFACT: planted.artifact })
})
afterAll(async () => {
  await system?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** Serves artifacts to who has the secret, and is asked for health: the first answer is a wrong one that quotes the request. */
const answer: Parameters<typeof createServer>[1] = (request, response) => {
  const { authorization = '', cookie = '' } = request.headers
  const [, version] = /([\d.]+?)(?:\.tar\.gz)?$/.exec(request.url!)!
  const isArtifact = request.url!.endsWith('.tar.gz')
  const before = asked.get(isArtifact ? 'artifact' : 'health') ?? new Set()
  asked.set(isArtifact ? 'artifact' : 'health', new Set([...before, isArtifact ? authorization : cookie]))
  if (!isArtifact) return void response.end(before.size === 0 ? `asked with ${cookie}` : `ok ${version}`)
  if (authorization !== planted.artifact) return void response.writeHead(401).end(`not with ${authorization}`)
  response.end(readFileSync(join(system.fleet.dir, 'artifacts', `payments-${version}.tar.gz`)))
}

/** What an application's team would write, with references in every field that may have them. */
async function definition(version: string, afterDeploy: string) {
  const { client, fleet } = system
  const usual = await client.getApplication(fleet.application)
  const url = `http://127.0.0.1:${server.port}`
  const show = (name: string) =>
    `echo "$VESEMIR_HOST has $${name}"; printf %s "$${name}" | base64 -w 20 >&2; printf %s "$${name}" | sha256sum > ${folder}/hosts/$VESEMIR_HOST-${name}`
  return {
    ...usual,
    changeset: {
      strategy: 'artifact',
      url: `${url}/payments-{version}.tar.gz`,
      headers: { Authorization: { secret: 'artifact' } },
      transfer: 'pull',
      directory: join(fleet.dir, 'vm', '{host}', 'srv', fleet.application),
    },
    hooks: {
      // Until the processes of it have been seen.
      beforeDeploy: [`${show('HOOK_TOKEN')}; while ! [ -e ${folder}/hosts/seen ]; do sleep 0.02; done`],
      afterDeploy: [afterDeploy],
      environment: { HOOK_TOKEN: { secret: 'hook' }, FAILING_TOKEN: { secret: 'failing' }, LEVEL: 'info' },
    },
    service: {
      restart: `${show('RESTART_TOKEN')}; sv restart ${join(fleet.dir, 'vm')}/$VESEMIR_HOST/sv/${fleet.application}`,
      environment: { RESTART_TOKEN: { secret: 'restart' } },
    },
    healthCheck: {
      kind: 'http',
      port: server.port,
      path: `/health-of-${version}`,
      headers: { Cookie: { secret: 'health' } },
      expectBody: 'ok {version}',
      interval: '200ms',
      deadline: '20s',
    },
  } as unknown as typeof usual
}

async function deployVersion(version: string, afterDeploy = 'true') {
  const { client, fleet } = system
  await system.release(version)
  await client.putApplication(await definition(version, afterDeploy))
  const { application, environment } = fleet
  const { id } = await client.createDeployment({ application, environment, version, acceptLowCapacity: true })
  return followToEnd(system, id)
}

/** Everything in which a secret could be found, by what it is. */
async function leftBehind(answers: unknown): Promise<Map<string, string>> {
  const redis = new Redis(system.fleet.redisUrl)
  await redis.config('SET', 'rdbcompression', 'no')
  await redis.save()
  const [, directory] = (await redis.config('GET', 'dir')) as [string, string]
  redis.disconnect()
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const logs = [...new Set(system.fleet.processes.flatMap(({ logFiles }) => logFiles))]
  const read = async (path: string) => [path, await readFile(path, 'latin1')] as const
  const paths = [...files.map(({ parentPath, name }) => join(parentPath, name)), ...logs]
  return new Map([['answers', JSON.stringify(answers)], ...(await Promise.all(paths.map(read)))])
}

/** The places in which a secret is, in any encoding, with line ends or not. */
function found(places: ReadonlyMap<string, string>): string[] {
  const forms = Object.entries(planted).flatMap(([name, secret]) => {
    // Its random end, which no quoting changes.
    const end = secret.slice(-16)
    const all = [secret, end, encodeURIComponent(secret), Buffer.from(secret).toString('base64').slice(0, -3)]
    return all.map((form) => [name, form] as const)
  })
  return [...places].flatMap(([place, text]) => {
    const flat = text.replaceAll(/\\n|\s*[\r\n]+/g, '')
    return forms.filter(([, form]) => text.includes(form) || flat.includes(form)).map(([name]) => `${name} in ${place}`)
  })
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

test('secrets reach hosts, servers and health checks, and are found nowhere else', async () => {
  await using processes = sampleCommandLines()
  const released = processes.until('HOOK_TOKEN').then(() => writeFile(join(folder, 'hosts/seen'), ''))

  const good = await deployVersion('1.0.0')
  const bad = await deployVersion('2.0.0', 'echo "refused: $FAILING_TOKEN" >&2; exit 3')
  await released
  const id = bad.view.deployment.id
  const [status, logs] = await Promise.all([system.cli('status', id), system.cli('logs', id)])
  const { client, fleet } = system
  const answers = {
    good,
    bad,
    status,
    logs,
    application: await client.getApplication(fleet.application),
    list: await client.listDeployments(),
    plan: await client.createPlan({ application: fleet.application, environment: fleet.environment, version: '1.0.0' }),
  }

  expect(good.view.deployment.state).toMatchObject({ status: 'succeeded' })
  for (const { name } of fleet.hosts) {
    const received = (variable: string) => readFileSync(join(folder, 'hosts', `${name}-${variable}`), 'utf8')
    expect(received('HOOK_TOKEN')).toContain(sha256(planted.hook))
    expect(received('RESTART_TOKEN')).toContain(sha256(planted.restart))
  }
  expect(asked).toEqual(
    new Map([
      ['artifact', new Set([planted.artifact])],
      ['health', new Set([planted.health])],
    ]),
  )
  const [failed] = bad.view.hosts
  expect(failed!.state).toMatchObject({
    status: 'failed',
    failure: { code: 'COMMAND_FAILED', message: expect.stringContaining('refused: ***') as string },
  })
  expect(JSON.stringify(good.events)).toContain('web-1 has ***')
  expect(JSON.stringify(good.view)).toContain('{"secret":"hook"}')
  const printed = [...good.events, ...bad.events].flatMap((event) => (event.type === 'log.appended' ? event.lines : []))
  const places = await leftBehind(answers)
  places.set('output', printed.map(({ text }) => text).join(''))
  expect(places.size).toBeGreaterThan(5)
  expect(found(places)).toEqual([])
  expect(found(new Map([['processes', [...processes.seen].join('\n')]]))).toEqual([])
})

test.for([
  ['is not there', 'gone', 'SECRET_MISSING'],
  ['no settings have', 'none', 'SECRET_MISSING'],
  ["is another application's", 'ledgers', 'SECRET_NOT_ALLOWED'],
] as const)(
  'a secret that %s is told by the plan, and no host is touched by the deployment',
  async ([, secret, code]) => {
    const { client, fleet } = system
    const { application, environment } = fleet
    const hooks = { beforeDrain: ['true'], environment: { TOKEN: { secret } } }

    const order = { application, environment, version: '1.0.0', hooks, acceptLowCapacity: true }
    await expect(client.createPlan(order)).rejects.toMatchObject({ code })
    const { events, view } = await followToEnd(system, (await client.createDeployment(order)).id)

    expect(view.deployment.state).toMatchObject({ status: 'failed', failure: { code } })
    expect(events.filter((event) => 'host' in event)).toEqual([])
  },
)

test('a plain secret is refused by the API and the command line, and not quoted', async () => {
  const { client, fleet } = system
  const file = join(folder, 'app.yml')
  const headers = { Authorization: planted.artifact }
  const application = await client.getApplication(fleet.application)
  await writeFile(file, JSON.stringify({ ...application, changeset: { ...application.changeset, headers } }))

  const refused = await client
    .putApplication({ ...application, changeset: { ...application.changeset, headers } } as typeof application)
    .catch((error: unknown) => error as Error)
  const { exit, stderr } = await system.cli('apps', 'apply', '-f', file)

  expect(refused).toMatchObject({ code: 'REQUEST_INVALID' })
  expect(exit).toBe(2)
  for (const text of [(refused as Error).message, stderr]) {
    expect(text).toContain('headers.Authorization: expects a secret, not a plain value: write {secret: NAME}')
    expect(text).not.toContain(planted.artifact)
  }
})
