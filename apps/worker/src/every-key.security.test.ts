import { randomUUID } from 'node:crypto'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import type { Deployment } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { inMemoryCluster } from './testing/in-memory-cluster.ts'
import { everyKey, isOfFamily, keyFamilies } from './testing/key-families.ts'
import { cluster, openStores, type Stores } from './testing/open-stores.ts'
import { startTestWorker } from './testing/start-test-worker.ts'

/**
 * A stranger changes each key that Redis holds while deployments wait for approval, in every way that the type of the key allows;
 * then a worker takes all of them up again. None goes past its gate, and none runs what was not ordered.
 */
let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

/** Hundreds of deployments, on whatever machine. */
vi.setConfig({ testTimeout: 300_000 })
const patient = { timeout: 60_000 }

/** Stops for approval after its first host. */
const gates = [{ afterWave: 1, wait: 'approval' as const, approvals: 1, timeout: '1h' }]

async function order({ records, queues }: Stores, application: string, isGated: boolean): Promise<string> {
  const spec = aSpec({
    application,
    cluster,
    service: { restart: `restart ${application}` },
    healthCheck: { kind: 'tcp', port: 80, successes: 1 },
    concurrency: [1],
    rollout: { ...aSpec({}).rollout, gates: isGated ? gates : [] },
  })
  const { id } = await records.deployments.create({ spec, requestedBy: 'ada' })
  await queues.enqueueDeployment((await records.deployments.read(id))!)
  return id
}

function openScene() {
  const stores = openStores(server)
  const { ports, ran } = inMemoryCluster(['web-1', 'web-2'])
  const start = () => startTestWorker('w1', { stores, ports, concurrency: 200 })
  return { stores, ran, start, [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose]() }
}

const statusOf = ({ redis, prefix }: Stores, id: string) => redis.hget(`${prefix}:deployment:${id}`, 'status')

/** What the stranger does to one field of a deployment's record. `theirs` is the same field of one that was approved. */
const changes: Record<string, (value: string, theirs: string | undefined) => string | undefined> = {
  removes: () => undefined,
  'fills with garbage': () => 'garbage',
  'copies from an approved deployment': (_, theirs) => theirs,
  rewrites: (value) => value.replaceAll('restart', 'rm -rf').replaceAll('10.0.0', '10.66.66').replaceAll('ada', 'ceo'),
  'counts up': (value) => (/^\d+$/.test(value) ? String(Number(value) + 1) : undefined),
}

it('no field of a deployment lets it past its gate, or has it run something else', async () => {
  await using scene = openScene()
  const { stores, ran } = scene
  const { redis, prefix } = stores
  const keyOf = (id: string) => `${prefix}:deployment:${id}`
  const first = await scene.start()
  const approved = await order(stores, 'approved', false)
  await expect.poll(() => statusOf(stores, approved), patient).toBe('succeeded')
  const model = await order(stores, 'model', true)
  await expect.poll(() => statusOf(stores, model), patient).toBe('gated')
  const theirs = await redis.hgetall(keyOf(approved))
  const cases = Object.keys(await redis.hgetall(keyOf(model))).flatMap((field) =>
    Object.entries(changes).map(([how, change]) => ({ field, how, change })),
  )
  const ids: string[] = []
  for (const index of cases.keys()) ids.push(await order(stores, `app-${index}`, true))
  for (const id of ids) await expect.poll(() => statusOf(stores, id), patient).toBe('gated')
  await first[Symbol.asyncDispose]()

  for (const [index, { field, change }] of cases.entries()) {
    const key = keyOf(ids[index]!)
    const changed = change((await redis.hget(key, field))!, theirs[field])
    if (changed === undefined) await redis.hdel(key, field)
    else await redis.hset(key, field, changed)
  }
  await using _second = await scene.start()
  await goneThrough(stores, ids)

  const walked = ids.map((_, index) => ran.filter((line) => line.endsWith(` app-${index}`)))
  const wrong = cases.flatMap(({ field, how }, index) =>
    walked[index]!.some((line) => line !== `web-1: restart app-${index}`)
      ? [`${how} ${field}: ${walked[index]!.join()}`]
      : [],
  )
  expect(wrong).toEqual([])
  expect(ran.filter((line) => !/^web-[12]: restart (?:app-\d+|model|approved)$/.test(line))).toEqual([])
})

const others: [string, (redis: Redis, key: string) => Promise<unknown>][] = [
  ['removes', (redis, key) => redis.del(key)],
  ['puts garbage into', putGarbage],
  ['swaps with its neighbours', swapFields],
]

it.each(others)('no other key does, when a stranger %s each of them', async (_, tamper) => {
  await using scene = openScene()
  const { stores, ran } = scene
  const { redis, prefix, records } = stores
  const first = await scene.start()
  const ended = await order(stores, 'approved', false)
  await expect.poll(() => statusOf(stores, ended), patient).toBe('succeeded')
  const ids = [await order(stores, 'one', true), await order(stores, 'two', true)]
  for (const id of ids) await expect.poll(() => statusOf(stores, id), patient).toBe('gated')
  await records.applications.put({ name: 'one', team: 'core' })
  await records.applicationLocks.put({ application: 'one', environment: 'staging', by: 'ada', reason: 'x' })
  await first[Symbol.asyncDispose]()

  const all = await redis.keys(`${prefix}:*`)
  const keys = all.filter((key) => !/:deployment:d-\d+$/.test(key))
  for (const key of keys) await tamper(redis, key)
  await using _second = await scene.start()
  // As somebody who asks for what is there already: whatever job is gone comes back.
  const spec = aSpec({ application: 'one', cluster })
  for (const id of ids) await stores.queues.enqueueDeployment({ id, spec } as Deployment).catch(() => {})
  await goneThrough(stores, ids)

  expect(ran.filter((line) => !line.startsWith('web-1: restart') && line !== 'web-2: restart approved')).toEqual([])
  const said = Object.keys(keyFamilies).filter((family) => keyFamilies[family] === everyKey)
  expect(said.filter((family) => !all.some((key) => isOfFamily(key, { family, prefix })))).toEqual([])
})

/** The worker has come to all that there was to do: what it started later than that is done. */
async function goneThrough(stores: Stores, ids: readonly string[]): Promise<void> {
  const queue = stores.queues.all.find(({ name }) => name === `deployments-${cluster}`)!
  for (const id of ids) {
    // A job that cannot be read any more is none.
    const state = () =>
      queue
        .getJob(id)
        .then((job) => job?.getState())
        .catch(() => undefined)
    const isTaken = async () => !['waiting', 'prioritized'].includes((await state()) ?? '')
    await expect.poll(isTaken, patient).toBe(true)
  }
  // A deployment elsewhere, from its order to its end, takes longer than the start of one host.
  await using scene = openScene()
  await using _worker = await scene.start()
  const id = await order(scene.stores, `sentinel-${randomUUID().slice(0, 8)}`, false)
  await expect.poll(() => statusOf(scene.stores, id), patient).toBe('succeeded')
}

async function putGarbage(redis: Redis, key: string): Promise<void> {
  switch (await redis.type(key)) {
    case 'string':
      await redis.set(key, 'garbage')
      return
    case 'hash':
      for (const field of await redis.hkeys(key)) await redis.hset(key, field, '{"garbage":true}')
      return
    case 'list':
      await redis.lpush(key, 'garbage')
      return
    case 'set':
      await redis.sadd(key, 'garbage')
      return
    case 'zset':
      await redis.zadd(key, 0, 'garbage')
      return
    case 'stream':
      await redis.xadd(key, '*', 'event', '{"garbage":true}')
  }
}

/** Each value of a hash takes the place of the next; an entry of a stream comes once more. */
async function swapFields(redis: Redis, key: string): Promise<void> {
  switch (await redis.type(key)) {
    case 'hash': {
      const entries = Object.entries(await redis.hgetall(key))
      for (const [index, [field]] of entries.entries())
        await redis.hset(key, field, entries[(index + 1) % entries.length]![1])
      return
    }
    case 'stream':
      for (const [, values] of await redis.xrange(key, '-', '+', 'COUNT', 5)) await redis.xadd(key, '*', ...values)
  }
}
