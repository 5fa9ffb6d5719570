import { createClient, type Client } from '@vesemir/contract'
import { freePort } from '@vesemir/process/free-port'
import { Redis } from 'ioredis'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readHosts } from '../../infra/demo/read-hosts.ts'
import { startLoad } from '../../infra/load/start-load.ts'
import { startApi } from '../../infra/vesemir/start-api.ts'
import { startWorker } from '../../infra/vesemir/start-worker.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { hasHistory, installVersionBefore } from './support/install-versions.ts'

// While processes are replaced, the version before and this one work on the same deployments.

const here = await hasHistory()

type Version = 'before' | 'this'

let folder: string
let system: System
const clients = {} as Record<Version, Client>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-before-'))
  await installVersionBefore(folder)
  system = await startSystem({ fleet: { hosts: 3 }, workers: [] })
  const { fleet, token } = system
  const port = await freePort()
  await startApi(fleet, { name: 'api-before', port, tokens: { tester: token }, ...from('before') })
  clients.this = system.client
  clients.before = createClient({ url: `http://127.0.0.1:${port}`, token })
})
afterAll(async () => {
  await system?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const from = (version: Version) => (version === 'before' ? { installed: folder } : {})
/** One that walks one host at a time, so that what is in progress spreads over all. */
const start = (name: Version) => {
  const artifacts = join(system.fleet.dir, 'artifacts')
  return startWorker(system.fleet, { name: `worker-${name}`, artifacts, maxConcurrentHosts: 1, ...from(name) })
}
const stop = (name: Version) => system.stop(`worker-${name}`)

test.runIf(here).each([
  { api: 'before', first: 'before', second: 'this', version: '1.0.0' },
  { api: 'this', first: 'this', second: 'before', version: '2.0.0' },
] as const)('with an API of the version $api, workers of both finish what the other has begun', async (names) => {
  const { api, first, second, version } = names
  const replace = async (old: Version, replacement: Version) => {
    await stop(old)
    await start(replacement)
  }
  await Promise.all([start(first), stop(second)])

  const { claims } = await deploy(version, {
    client: clients[api],
    // In the middle of a walk, whose host is out of rotation.
    onDeploy: { 'web-2': () => replace(first, second), 'web-3': () => replace(second, first) },
  })

  expect(claims).toEqual([
    ['web-1', `worker-${first}`],
    ['web-2', `worker-${first}`],
    ['web-2', `worker-${second}`],
    ['web-3', `worker-${second}`],
    ['web-3', `worker-${first}`],
  ])
})

test.runIf(here)('workers of both share the hosts of one deployment', async () => {
  await start('before')

  const { claims } = await deploy('3.0.0', { client: clients.before, concurrency: 2, acceptLowCapacity: true })

  expect(new Set(claims.map(([, worker]) => worker))).toEqual(new Set(['worker-before', 'worker-this']))
})

test.runIf(here)('both list what the other has written, and find its record whole', async () => {
  const lists = await Promise.all([clients.before.listDeployments(), clients.this.listDeployments()])
  const reports = await Promise.all([clients.before.doctor(), clients.this.doctor()])

  for (const { deployments } of lists)
    expect(deployments.map(({ state }) => state.status)).toEqual(Array(3).fill('succeeded'))
  for (const { checks } of reports)
    expect(checks.filter(({ name }) => name === 'record')).toEqual([
      expect.objectContaining({ ok: true, detail: expect.stringContaining('nothing is missing') }),
    ])
})

test.runIf(here).each(['before', 'this'] as const)(
  'Redis of a newer version is refused by the version %s',
  async (version) => {
    const redis = new Redis(system.fleet.redisUrl)
    await using _closing = { [Symbol.asyncDispose]: async () => void (await redis.quit()) }
    await redis.hset('vesemir:schema', { schema: 99, software: '9.1.0' })

    await stop(version)

    await expect(start(version)).rejects.toThrow(/of Vesemir 9\.1\.0.*SCHEMA_TOO_NEW/s)
  },
)

interface Wanted {
  /** Of the API that takes the request. */
  client: Client
  concurrency?: number
  acceptLowCapacity?: boolean
  /** What is done when a host gets its release. */
  onDeploy?: Record<string, () => Promise<void>>
}

/** Deploys a version under load; it must succeed on all hosts, without a lost request, and both APIs must show the same of it. */
async function deploy(version: string, { client, onDeploy = {}, ...options }: Wanted) {
  const { application, environment, hosts, frontends } = system.fleet
  await system.release(version)
  await using load = startLoad({ urls: frontends, requestsPerSecond: 50 })
  const { id } = await client.createDeployment({ application, environment, version, ...options })
  const claims: string[][] = []
  for await (const event of clients.this.followEvents(id, { signal: AbortSignal.timeout(120_000) })) {
    if ('kind' in event) continue
    if (event.type === 'host.claimed') claims.push([event.host, event.worker])
    if (event.type === 'step.started' && event.step === 'deploy') await takeOut(onDeploy, event.host)?.()
  }
  const { failures, total } = await load.stop()
  expect(failures).toEqual({})
  expect(total).toBeGreaterThan(50)
  const [before, now] = await Promise.all([show(clients.before, id), show(clients.this, id)])
  expect(now).toMatchObject({ status: 'succeeded', hosts: hosts.map(({ name }) => [name, 'succeeded']) })
  expect(before).toEqual(now)
  const served = hosts.map(({ name }) => ({ name, version, state: 'ready', weight: 100 }))
  expect(await readHosts(system.fleet)).toEqual(served)
  return { claims }
}

/** Once: a worker that takes a walk over begins the step again. */
function takeOut<Value>(values: Record<string, Value>, name: string): Value | undefined {
  const { [name]: value } = values
  delete values[name]
  return value
}

async function show(client: Client, id: string) {
  const [{ deployment, hosts }, { events }] = await Promise.all([
    client.getDeployment(id),
    client.listEvents(id, { after: 0, limit: 1000 }),
  ])
  return {
    status: deployment.state.status,
    hosts: hosts.map(({ target, state }) => [target.name, state.status]),
    events: events.map(({ seq, type }) => [seq, type]),
  }
}
