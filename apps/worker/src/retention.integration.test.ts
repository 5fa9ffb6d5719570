import { createSystemClock } from '@vesemir/process/clock'
import { createArchiver, openArchiveStorage, type Archiver } from '@vesemir/store/archive'
import { createJournal } from '@vesemir/store/journal'
import { createLocks } from '@vesemir/store/lock'
import { aPlan, aServer } from '@vesemir/contract/testing'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import type { Retention } from '@vesemir/core'
import { createLog } from '@vesemir/process/log'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRetention } from './retention.ts'
import { cluster, openStores, seals, type Stores } from './testing/open-stores.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const dayMs = 24 * 3_600_000

test('an old deployment is removed with its events, its log, its jobs and its places in the lists', async () => {
  await using stores = openStores(server)
  const { records, redis, queues } = stores
  const [old, last] = await createEnded(stores, 2)

  await removeUntil(stores, old!)

  expect(await keysWith(stores, old!)).toEqual([])
  expect(await redis.zrange(`${stores.prefix}:deployments`, '0', '-1')).toEqual([last])
  expect(await redis.zrange(`${stores.prefix}:deployments:team:core`, '0', '-1')).toEqual([last])
  const jobs = await Promise.all(queues.all.map((queue) => queue.getJobs()))
  expect(jobs.flat().filter(({ id }) => id!.split('~')[0] === old)).toEqual([])
  expect(await records.hostHistory.list('payments-1')).toHaveLength(1)
})

test('a request for a removed deployment says that there was one', async () => {
  await using stores = openStores(server)
  const { records } = stores
  const [old] = await createEnded(stores, 2)
  await removeUntil(stores, old!)

  const reading = records.eventLog.read(old!, { after: 0, limit: 1 })
  const commanding = records.commands.give(old!, { command: { command: 'retry' }, by: 'ada' })

  await expect(reading).rejects.toMatchObject({ code: 'DEPLOYMENT_REMOVED' })
  await expect(commanding).rejects.toMatchObject({ code: 'DEPLOYMENT_REMOVED' })
  expect(await records.deployments.explainMissing('d-999999999999999')).toMatchObject({ code: 'DEPLOYMENT_UNKNOWN' })
})

test('what is live, is among the last, runs on a host, is out of rotation or is of another cluster is kept', async () => {
  await using stores = openStores(server)
  const { records, redis, prefix } = stores
  const [running, drained, outlived, last] = await createEnded(stores, 4)
  const elsewhere = await stores.create('true', { cluster: 'us' })
  await end(stores, elsewhere)
  const live = await stores.create()
  await runs(stores, running!)
  const journal = createJournal(redis, { clock: createSystemClock(), seals, cluster, prefix })
  await journal.note([{ server: aServer('web2'), weights: [100] }], { deploymentId: drained!, host: 'web2' })

  await removeUntil(stores, outlived!)

  const { deployments } = await records.deploymentIndex.list({ limit: 50 })
  expect(deployments.map(({ id }) => id)).toEqual([live, elsewhere, last, drained, running])
})

test('a deployment that is retried while it is being removed stays', async () => {
  await using stores = openStores(server)
  const { records } = stores
  const [old] = await createEnded(stores, 1, { outcome: 'failed' })
  const view = (await records.deployments.readView(old!))!

  await records.commands.give(old!, { command: { command: 'retry' }, by: 'ada' })

  expect(await records.deployments.remove(view)).toBe(false)
  expect((await records.deployments.read(old!))!.state.status).toBe('queued')
})

test('a deployment that was retried and has ended again since it was judged stays', async () => {
  await using stores = openStores(server)
  const { deployments, commands, claims } = stores.records
  const [before] = await createEnded(stores, 1)
  const failed = await createMore(stores, before!, { count: 3, version: '3.0.0', outcome: 'failed' })
  const [retried, next] = failed
  const readView: typeof deployments.readView = async (id) => {
    if (id === retried) {
      await commands.give(id, { command: { command: 'retry' }, by: 'ada' })
      const claim = await claims.claimDeployment(id, 'w1')
      await claim.end({ type: 'deployment.ended', outcome: 'succeeded' })
    }
    return deployments.readView(id)
  }
  const racing = { ...stores, records: { ...stores.records, deployments: { ...deployments, readView } } }

  await removeUntil(racing, next!, { days: 0, retention: { keepAtMost: 1 } })

  expect((await deployments.read(retried!))!.state.status).toBe('succeeded')
})

test('what the archive does not take stays, which is logged with a code, and is removed once the archive has it', async () => {
  await using stores = openStores(server)
  const [old] = await createEnded(stores, 2)
  const parent = await mkdtemp(join(tmpdir(), 'vesemir-retention-'))
  const folder = join(parent, 'archive')
  const archiver = createArchiver({ storage: await openArchiveStorage({ folder }, { env: {} }), ...stores.records })
  const lines: Record<string, unknown>[] = []

  {
    await using _retention = retain(stores, { archiver, lines })
    await expect
      .poll(() => lines)
      .toMatchObject([{ msg: 'old deployment not removed', deployment: old, err: { code: 'ARCHIVE_FAILED' } }])
  }
  expect(await stores.records.deployments.read(old!)).toBeDefined()

  await mkdir(folder)
  await removeUntil(stores, old!, { archiver })
  expect((await readdir(folder, { recursive: true })).filter((name) => name.includes(`~${old}~`))).toHaveLength(1)
  await rm(parent, { recursive: true })
})

test('however young, no more deployments are kept than settings say, and the two that the way back needs', async () => {
  await using stores = openStores(server)
  const [before] = await createEnded(stores, 1)
  const good = await createMore(stores, before!, { count: 2, version: '3.0.0', outcome: 'succeeded' })
  const bad = await createMore(stores, before!, { count: 3, version: '4.0.0', outcome: 'failed' })

  await removeUntil(stores, bad[0]!, { days: 0, retention: { keepAtMost: 2 } })

  expect(await idsOf(stores)).toEqual([bad[2], bad[1], good[1], before])
})

test('the current deployment is kept, however many newer ones never had a machine', async () => {
  await using stores = openStores(server)
  const current = await stores.create()
  const claim = await stores.records.claims.claimDeployment(current, 'w1')
  await claim.append({ type: 'deployment.planned', plan: aPlan(['web1']) })
  const failure = { code: 'HOSTS_FAILED', message: 'one host failed', hint: 'see why' }
  await claim.end({ type: 'deployment.ended', outcome: 'failed', failure })
  const newer = await createMore(stores, current, { count: 2, version: '4.0.0', outcome: 'failed' })

  await removeUntil(stores, newer[0]!, { days: 0, retention: { keepAtMost: 1 } })

  expect(await idsOf(stores)).toEqual([newer[1], current])
})

test('the oldest are removed while all take more memory than settings say, and no more than that', async () => {
  await using stores = openStores(server)
  const { deployments } = stores.records
  const ids = await createEnded(stores, 6)
  const bytes = await Promise.all(ids.map((id) => deployments.readBytes(id)))
  const maxBytes = bytes.slice(2).reduce((sum, size) => sum + size)

  await removeUntil(stores, ids[1]!, { days: 0, retention: { maxBytes } })

  expect(bytes.every((size) => size > 500)).toBe(true)
  expect(await idsOf(stores)).toEqual(ids.slice(2).toReversed())
})

test('a bound that what must be kept exceeds is told, and nothing of it is removed', async () => {
  await using stores = openStores(server)
  const ids = await createEnded(stores, 1)
  const lines: Record<string, unknown>[] = []

  await using _retention = retain(stores, { days: 0, retention: { maxBytes: 1 }, lines })

  await expect.poll(() => lines).toMatchObject([{ excessBytes: expect.any(Number), maxBytes: 1 }])
  expect(await idsOf(stores)).toEqual(ids)
})

/** Deployments of one application that have ended, each with a job, a host's job and a line of output. */
async function createEnded(
  stores: Stores,
  count: number,
  { outcome = 'succeeded' }: { outcome?: 'succeeded' | 'failed' } = {},
): Promise<string[]> {
  const { records, queues } = stores
  const ids: string[] = []
  let spec: Parameters<typeof records.deployments.create>[0]['spec'] | undefined
  for (let number = 0; number < count; number += 1) {
    const id = spec ? (await records.deployments.create({ spec, requestedBy: 'ada' })).id : await stores.create()
    const deployment = (await records.deployments.read(id))!
    spec = deployment.spec
    await queues.enqueueDeployment(deployment)
    await queues.hostJobs(deployment).start(id, { host: 'web1', after: 0 })
    await end(stores, id, { outcome })
    ids.push(id)
  }
  return ids
}

/** Deployments of the application of another one that have ended, of a version; those that failed found no hosts. */
async function createMore(
  stores: Stores,
  like: string,
  { count, version, outcome }: { count: number; version: string; outcome: 'succeeded' | 'failed' },
): Promise<string[]> {
  const { deployments } = stores.records
  const { spec } = (await deployments.read(like))!
  const ids: string[] = []
  for (let number = 0; number < count; number += 1) {
    const { id } = await deployments.create({ spec: { ...spec, version }, requestedBy: 'ada' })
    const claim = await stores.records.claims.claimDeployment(id, 'w1')
    if (outcome === 'succeeded') await claim.append({ type: 'deployment.planned', plan: aPlan(['web1']) })
    const failure = { code: 'PLAN_EMPTY', message: 'no hosts', hint: 'see why' }
    await claim.end({ type: 'deployment.ended', ...(outcome === 'failed' ? { outcome, failure } : { outcome }) })
    ids.push(id)
  }
  return ids
}

async function idsOf({ records }: Stores): Promise<string[]> {
  return (await records.deploymentIndex.list({ limit: 50 })).deployments.map(({ id }) => id)
}

async function end(
  { records }: Stores,
  id: string,
  { outcome = 'succeeded' }: { outcome?: 'succeeded' | 'failed' } = {},
): Promise<void> {
  const claim = await records.claims.claimDeployment(id, 'w1')
  await claim.append({ type: 'deployment.planned', plan: aPlan(['web1']) })
  await runs({ records }, id)
  const failure = { code: 'HOSTS_FAILED', message: 'one host failed', hint: 'see why' }
  await claim.end({ type: 'deployment.ended', ...(outcome === 'failed' ? { outcome, failure } : { outcome }) })
}

/** Has a host say something and run the deployment's release. */
async function runs({ records }: Pick<Stores, 'records'>, id: string): Promise<void> {
  const host = await records.claims.claimHost(id, 'web1', 'w1')
  void host.log('deploy', { stream: 'stdout', text: 'a line' })
  await host.append({ type: 'release.introduced', host: 'web1', release: '2.0.0' })
  await host[Symbol.asyncDispose]()
}

interface Retained {
  archiver?: Archiver
  /** How long after now it runs; 91. */
  days?: number
  retention?: Partial<Retention>
  /** Takes what is logged. */
  lines?: Record<string, unknown>[]
}

/** Runs the sweep, as if three months had passed unless said otherwise, keeping the last one, until a deployment is gone. */
async function removeUntil(stores: Stores, id: string, retained: Retained = {}): Promise<void> {
  await using _retention = retain(stores, retained)
  await expect.poll(() => stores.records.deployments.read(id)).toBeUndefined()
}

function retain({ records, queues, redis, prefix }: Stores, retained: Retained): AsyncDisposable {
  const { archiver, days = 91, lines = [] } = retained
  const system = createSystemClock()
  const locks = createLocks(redis, { clock: system, prefix })
  const retention = startRetention({
    ...records,
    queues,
    locks,
    archiver,
    journals: [createJournal(redis, { clock: system, seals, cluster, prefix })],
    clusters: [cluster],
    retention: { keepDays: 90, keepLast: 1, ...retained.retention },
    clock: { ...system, now: () => Date.now() + days * dayMs },
    onInvalid: () => {},
    log: createLog({
      level: 'warn',
      stream: { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]) },
    }),
  })
  return {
    async [Symbol.asyncDispose]() {
      await retention[Symbol.asyncDispose]()
      await locks[Symbol.asyncDispose]()
    },
  }
}

async function keysWith({ redis, prefix }: Stores, id: string): Promise<string[]> {
  const keys = await redis.keys(`${prefix}:*`)
  return keys.filter((key) => key.split(/[:~]/).includes(id))
}
