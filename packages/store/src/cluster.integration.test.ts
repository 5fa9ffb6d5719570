import { randomUUID } from 'node:crypto'
import { aPlan, aServer, aSpec } from '@vesemir/contract/testing'
import { createSystemClock } from '@vesemir/process/clock'
import { startRedisCluster, type RedisCluster } from '@vesemir/testing/start-redis-cluster'
import type { Cluster } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createAuditLog } from './audit/index.ts'
import { createRedisClock } from './clock/index.ts'
import { createApiTokens } from './credential/index.ts'
import { createJournal } from './journal/index.ts'
import { createLocks } from './lock/index.ts'
import { createOwners } from './owner/index.ts'
import { createDeploymentWorker, createQueues } from './queue/index.ts'
import { createKeys } from './record/redis/keys.ts'
import { createRecords, type Records } from './record/index.ts'
import { createClusterClient } from './redis/cluster-client.ts'
import { gatherCommands, readRedisMemory } from './redis/index.ts'
import { prepareSchema } from './schema/index.ts'
import { testSeals } from './seal/testing.ts'

const clock = createSystemClock()
const seals = testSeals().both

let cluster: RedisCluster
const opened: Cluster[] = []
beforeAll(async () => {
  cluster = await startRedisCluster()
})
afterEach(() => opened.splice(0).forEach((redis) => redis.disconnect()))
afterAll(() => cluster[Symbol.asyncDispose]())

/** Connects as a worker does, by one of the nodes. */
function connect(): Cluster {
  const redis = gatherCommands(createClusterClient(cluster.nodes.slice(0, 1), { maxRetriesPerRequest: null }))
  opened.push(redis)
  return redis
}

function open({ redis = connect(), prefix = randomUUID(), onLoss = (_began: { epoch: string }) => {} } = {}) {
  return {
    redis,
    prefix,
    keys: createKeys(redis, prefix),
    records: createRecords(redis, { clock, seals, prefix, onLoss }),
  }
}

const applications = Array.from({ length: 24 }, (_, index) => `app-${index}`)

async function create({ deployments }: Records, application = 'app-1'): Promise<string> {
  const { id } = await deployments.create({ spec: aSpec({ application }), requestedBy: 'ada' })
  return id
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = []
  for await (const item of items) collected.push(item)
  return collected
}

const slotOf = (redis: Cluster, key: string) => redis.cluster('KEYSLOT', key)

test('spreads deployments over many slots, and keeps in one what changes with a deployment', async () => {
  const { redis, keys, records } = open()
  await using _records = records
  const ids: string[] = []
  for (const application of applications) ids.push(await create(records, application))

  const slots = await Promise.all(ids.map((id) => slotOf(redis, keys.record(id))))
  expect(new Set(slots).size).toBeGreaterThan(8)
  expect(await Promise.all(applications.map((application) => slotOf(redis, keys.current(application))))).toEqual(slots)
  expect(new Set(ids).size).toBe(ids.length)
  expect((await records.deploymentIndex.listActive()).toSorted()).toEqual(ids.toSorted())
})

test('lists deployments of all slots, newest and oldest first, in pages', async () => {
  const { records } = open()
  await using _records = records
  const ids: string[] = []
  for (const application of applications) ids.push(await create(records, application))
  const newestFirst = ids.toReversed()

  const first = await records.deploymentIndex.list({ limit: 10 })
  const second = await records.deploymentIndex.list({ limit: 100, before: first.next! })
  const oldestFirst = await collect(records.deploymentIndex.walkOldestFirst())

  expect([...first.deployments, ...second.deployments].map(({ id }) => id)).toEqual(newestFirst)
  expect(oldestFirst.map(({ id }) => id)).toEqual(ids)
  const found = await records.deploymentIndex.list({ limit: 5, application: 'app-3', environment: aSpec().environment })
  expect(found.deployments.map(({ id }) => id)).toEqual([ids[3]])
})

test('numbers count up over all slots, also when many are created at once', async () => {
  const [one, other] = [open(), open()]
  const second = open({ prefix: one.prefix })
  await using _records = one.records
  await using _second = second.records
  await using _other = other.records

  const created = await Promise.all(
    applications.flatMap((application) => [create(one.records, application), create(second.records, application)]),
  )
  const last = await create(one.records)

  const numbers = created.map((id) => Number(id.slice(2)))
  expect(new Set(created).size).toBe(48)
  expect(Number(last.slice(2))).toBeGreaterThan(Math.max(...numbers))
})

test('an Idempotency-Key holds for all applications', async () => {
  const { records } = open()
  await using _records = records
  const order = (application: string, fingerprint = application) =>
    records.deployments.create({
      spec: aSpec({ application }),
      requestedBy: 'ada',
      idempotency: { key: 'k1', fingerprint },
    })
  const { id } = await order('app-1')

  expect(await order('app-1')).toMatchObject({ id, created: false })
  for (const application of applications.slice(2, 8))
    await expect(order(application)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED', details: { id } })
})

test('a deployment is carried out, followed, ended, counted, found whole and removed', async () => {
  const { records } = open()
  await using _records = records
  const id = await create(records)
  const followed = collect(records.eventLog.follow(id, { after: 0 }))
  await records.commands.give(id, { command: { command: 'pause' }, by: 'ada' })
  const claim = await records.claims.claimDeployment(id, 'w1')
  await claim.append({ type: 'deployment.planned', plan: aPlan(['web-1']) })
  await using host = await records.claims.claimHost(id, 'web-1', 'w1')
  void host.log('deploy', { stream: 'stdout', text: 'hello' })
  await host.append({ type: 'host.ended', host: 'web-1', outcome: 'succeeded', traffic: 'restored' })
  await claim.end({ type: 'deployment.ended', outcome: 'succeeded' })

  expect((await followed).flatMap(({ events }) => events).at(-1)).toMatchObject({ type: 'deployment.ended' })
  expect((await records.statistics.read({ days: 7 }, [{ role: 'viewer' }])).total).toMatchObject({ succeeded: 1 })
  expect(await records.deployments.verifyNewest('app-1', 1)).toEqual([{ id }])
  expect(await records.deploymentIndex.listActive()).toEqual([])
  expect(await records.deployments.remove((await records.deployments.readView(id))!)).toBe(true)
  expect(await records.deployments.explainMissing(id)).toMatchObject({ code: 'DEPLOYMENT_REMOVED' })
})

test('the loss of one shard begins an epoch for its deployments alone, and numbers go on', async () => {
  const losses: string[] = []
  const { redis, keys, records } = open({ onLoss: ({ epoch }) => losses.push(epoch) })
  await using _records = records
  const [lost, kept] = [await create(records, 'app-1'), await create(records, 'app-2')]
  await records.epoch.look()
  const before = [lost, kept].map((id) => records.epoch.idOf(id))
  await redis.del(keys.ofDeployment(lost).epoch, keys.record(lost), keys.events(lost))
  await records.epoch.look()

  expect(records.epoch.idOf(kept)).toBe(before[1])
  expect(losses).toEqual([records.epoch.idOf(lost)])
  expect(await records.deployments.explainMissing(lost)).toMatchObject({ code: 'DEPLOYMENT_LOST' })
  expect(await create(records, 'app-1')).not.toBe(lost)
})

const server = aServer('web-1')

test('locks, owners, the journal, the audit log, tokens and the schema are kept', async () => {
  const { redis, prefix, records } = open()
  await using _records = records
  await using locks = createLocks(redis, { clock, prefix })
  const owners = createOwners(redis, { prefix, deployments: records.deployments })
  const journal = createJournal(redis, { clock, seals, cluster: 'eu', prefix })
  const tokens = createApiTokens(redis, { prefix, secret: 'x'.repeat(40), clock })
  const audit = createAuditLog(redis, { clock, prefix })
  const resources = ['machines/eu', 'servers/eu/lb-1/app'].map((scope) => ({ scope, name: 'web-1' }))
  const owner = { id: 'd-1/web-1', name: 'd-1', lifetimeMs: 60_000 }

  await prepareSchema(redis, { clock, prefix })
  await locks.hold(applications, { waitMs: 1000 }, (lease) => lease.confirm())
  await journal.note([{ server, weights: [100] }], { deploymentId: 'd-1', host: 'web-1' })
  const { token, id } = await tokens.create({
    name: 'ci',
    owner: { kind: 'token', name: 'ada' },
    grants: [],
    expiresMs: clock.now() + 60_000,
  })

  expect(await owners.take(resources, owner)).toBeUndefined()
  expect(await owners.take(resources, { ...owner, id: 'd-2/web-1' })).toMatchObject({ id: owner.id })
  expect(await journal.list()).toHaveLength(1)
  await journal.clear([server])
  expect(await journal.list()).toEqual([])
  expect(await tokens.identify(token)).toMatchObject({ id })
  expect(await tokens.revoke(id)).toBe(true)
  expect(await audit.verify()).toMatchObject({ entries: 0, problems: [] })
})

test('every queue is in a slot of its own, and jobs are taken', async () => {
  const { redis, prefix, records } = open()
  await using _records = records
  const clusters = ['local', 'us']
  await using queues = createQueues(redis, { clusters, clock, seals, prefix })
  const taken = Promise.withResolvers<string>()
  await using worker = createDeploymentWorker(redis, {
    cluster: 'local',
    seals,
    concurrency: 1,
    process: async ({ deploymentId }) => taken.resolve(deploymentId),
    onError: () => {},
    prefix,
  })
  await worker.ready()
  const id = await create(records)
  await queues.enqueueNew((await records.deployments.read(id))!)

  expect(await taken.promise).toBe(id)
  const slots = await Promise.all(queues.all.map((queue) => slotOf(redis, queue.toKey(''))))
  expect(new Set(slots).size).toBe(8)
  expect(await queues.readDepths()).toHaveLength(8)
})

test('a primary is killed while deployments are recorded: their changes wait for its replica, and all are there', async () => {
  const { redis, keys, records } = open()
  await using _records = records
  using time = createRedisClock(redis)
  await time.ready
  const ids = await Promise.all(applications.map((application) => create(records, application)))
  const claims = await Promise.all(ids.map((id) => records.claims.claimDeployment(id, 'w1')))
  const slot = await slotOf(redis, keys.record(ids[0]!))
  const killed = cluster.killPrimaryOf(slot)
  const plans = Promise.all(claims.map((claim) => claim.append({ type: 'deployment.planned', plan: aPlan(['web-1']) })))

  const node = await killed
  await plans
  await cluster.restart(node)
  const views = await Promise.all(ids.map((id) => records.deployments.readView(id)))
  expect(views.map((view) => view?.hosts.length)).toEqual(ids.map(() => 1))
  expect(Math.abs(time.now() - Date.now())).toBeLessThan(1000)
})

test('the memory of a cluster is that of its fullest primary', async () => {
  const redis = connect()
  await redis.ping()
  const [bound] = redis.nodes('master')
  await bound!.config('SET', 'maxmemory', '1000')

  const memory = await readRedisMemory(redis, { memoryLimitBytes: 10 ** 12 })
  await bound!.config('SET', 'maxmemory', '0')

  expect(memory).toEqual({ usedBytes: expect.any(Number), limitBytes: 1000 })
})
