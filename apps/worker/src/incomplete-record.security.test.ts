import { createSystemClock } from '@vesemir/process/clock'
import { createRecords } from '@vesemir/store/record'
import { linkTo } from '@vesemir/store/seal'
import { testSeals } from '@vesemir/store/seal/testing'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { DeploymentView } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inMemoryCluster } from './testing/in-memory-cluster.ts'
import { apiSeals, cluster, openStores, seals, type Stores } from './testing/open-stores.ts'
import { startTestWorker } from './testing/start-test-worker.ts'

/** A stranger removes or changes what the record of a deployment says. The API, which has no key of workers, says so. */
let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const patient = { timeout: 20_000 }

/** Stops for approval after its first host, and goes on by a command. */
const gates = [{ afterWave: 1, wait: 'approval' as const, approvals: 1, timeout: '1h' }]

/** A deployment to two hosts that was approved in between, and has ended. */
async function deploy(stores: Stores): Promise<string> {
  const { records, queues, redis, prefix } = stores
  const spec = aSpec({
    cluster,
    service: { restart: 'restart' },
    healthCheck: { kind: 'tcp', port: 80, successes: 1 },
    concurrency: [1],
    rollout: { ...aSpec({}).rollout, gates },
  })
  const { id } = await records.deployments.create({ spec, requestedBy: 'ada' })
  await queues.enqueueDeployment((await records.deployments.read(id))!)
  await using _worker = await startTestWorker('w1', { stores, ports: inMemoryCluster(['web-1', 'web-2']).ports })
  const status = () => redis.hget(`${prefix}:deployment:${id}`, 'status')
  await expect.poll(status, patient).toBe('gated')
  await records.commands.give(id, { command: { command: 'approve' }, by: 'bob' })
  await expect.poll(status, patient).toBe('succeeded')
  return id
}

/** What an API process that has just started shows of a deployment. */
async function readAsApi({ redis, prefix }: Stores, id: string): Promise<DeploymentView> {
  await using records = createRecords(redis, { clock: createSystemClock(), seals: apiSeals, prefix })
  const json = (await records.deployments.readViewJson(id))!
  return DeploymentView.parse(JSON.parse(Buffer.from(json).toString()))
}

test('a record that nobody touched is complete', async () => {
  await using stores = openStores(server)

  const view = await readAsApi(stores, await deploy(stores))

  expect(view).not.toHaveProperty('incomplete')
  expect(view.deployment.state).toMatchObject({ status: 'succeeded' })
})

type Tamper = (redis: Redis, key: string) => Promise<unknown>
type StoredEntry = [at: string, values: [name: string, sealed: string]]

/** Writes the events again, as this changes them: no entry of a stream can be replaced. */
function rewrite(change: (entries: StoredEntry[]) => StoredEntry[]): Tamper {
  return async (redis, key) => {
    const entries = (await redis.xrange(`${key}:events`, '-', '+')) as StoredEntry[]
    await redis.del(`${key}:events`)
    for (const [at, values] of change(entries)) await redis.xadd(`${key}:events`, at, ...values)
  }
}

/** Changes the text of the events of a type, and leaves their seals. */
function changeText(type: string, change: (text: string) => string): Tamper {
  return rewrite((entries) =>
    entries.map(([at, [name, sealed]]) => [at, [name, sealed.includes(`"type":"${type}"`) ? change(sealed) : sealed]]),
  )
}

function remove(type: string): Tamper {
  return async (redis, key) => {
    const entries = (await redis.xrange(`${key}:events`, '-', '+')) as StoredEntry[]
    const found = entries.filter(([, [, sealed]]) => sealed.includes(`"type":"${type}"`))
    expect(found).not.toEqual([])
    for (const [at] of found) await redis.xdel(`${key}:events`, at)
  }
}

/** Adds an event after the last of the deployment itself, with the link that follows and a seal of their own. */
const addEvent: Tamper = async (redis, key) => {
  const entries = (await redis.xrange(`${key}:events`, '-', '+')) as StoredEntry[]
  const last = entries.findLast(([, [, sealed]]) => sealed.includes('"type":"deployment.ended"'))!
  const text = JSON.stringify({ type: 'deployment.resumed', by: 'ceo', at: '2026-01-01T00:00:00.000Z' })
  const seq = await redis.hincrby(key, 'seq', 1)
  const forged = testSeals().worker.record.put('anywhere', text, linkTo(last[1][1]))
  await redis.xadd(`${key}:events`, `${seq}-0`, 'event', forged)
}

const changeField =
  (field: string, change: (value: string) => string): Tamper =>
  async (redis, key) =>
    redis.hset(key, field, change((await redis.hget(key, field))!))

test.each<[string, Tamper, string]>([
  ['the stream is deleted', (redis, key) => redis.del(`${key}:events`), 'are missing'],
  ['an event of a host is removed', remove('step.ended'), 'events of web-1 are missing'],
  ['the end of a host is removed', remove('host.ended'), 'events of web-1 are missing'],
  ['the last event is removed', remove('deployment.ended'), 'events of the deployment are missing'],
  ['the request is removed', remove('deployment.queued'), 'events of the deployment are missing'],
  ['an approval is removed', remove('deployment.commanded'), 'events of the deployment are missing'],
  [
    'an approval is by someone else',
    changeText('deployment.commanded', (text) => text.replace('"bob"', '"ceo"')),
    'events of the deployment are missing from the record of d-1, or were changed',
  ],
  [
    'another has requested it',
    changeText('deployment.queued', (text) => text.replace('"ada"', '"ceo"')),
    'events of the deployment are missing from the record of d-1, or were changed',
  ],
  [
    'an event of a host is changed',
    changeText('host.ended', (text) => text.replace('"succeeded"', '"failed"')),
    'events of web-1 are missing from the record of d-1, or were changed',
  ],
  ['an event is added', addEvent, 'events of the deployment are missing from the record of d-1, or were changed'],
  [
    'a host is shown as it never was',
    changeField('host:web-2', (text) => text.replace('"attempt":1', '"attempt":2')),
    'the signature of the record of web-2',
  ],
  [
    'the deployment is shown in another state',
    changeField('deployment', (text) => text.replace('"endedAt":"2', '"endedAt":"3')),
    'the signature of the record of d-1',
  ],
  [
    'what was ordered is changed',
    changeField('order', (text) => text.replace('"ada"', '"ceo"')),
    'the signature of the order of d-1',
  ],
  ['commands are removed', (redis, key) => redis.hdel(key, 'commands'), 'events of the deployment are missing'],
])('when %s, the API says that the record is incomplete', async (_, tamper, said) => {
  await using stores = openStores(server)
  const id = await deploy(stores)

  await tamper(stores.redis, `${stores.prefix}:deployment:${id}`)

  const { incomplete } = await readAsApi(stores, id)
  expect(incomplete).toMatchObject({ code: 'ORDER_FORGED', message: expect.stringContaining(said) as string })
})

test('workers know each other’s records by their secret alone, and the API by its public key alone', () => {
  const sealed = seals.rows.put('the record of d-1', '{}')
  const stranger = testSeals()

  expect(apiSeals.strict!.rows.open('the record of d-1', sealed)).toEqual({ text: '{}', link: '' })
  expect(() => apiSeals.rows.put('the record of d-1', '{}')).toThrow('no key')
  expect(() => stranger.worker.rows.open('the record of d-1', sealed)).toThrow('no key that is trusted')
  expect(() => stranger.api.strict!.rows.open('the record of d-1', sealed)).toThrow('no key that is trusted')
})
