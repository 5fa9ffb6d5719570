import { randomUUID } from 'node:crypto'
import type { DeploymentView } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { applyEvent } from '@vesemir/core'
import { createSystemClock } from '@vesemir/process/clock'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { noSeals } from '../../seal/seals.ts'
import { createRecords } from './create-records.ts'
import { createKeys, fields } from './keys.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const place = { application: 'payments', environment: 'production' }

/** Records with two deployments, without seals, and what is reported as invalid. */
async function openRecords() {
  const prefix = randomUUID()
  const redis = server.connect()
  const reported: string[] = []
  const onInvalid = (error: Error) => void reported.push(error.message)
  const records = createRecords(redis, { clock: createSystemClock(), seals: noSeals, prefix, onInvalid })
  const create = async () => (await records.deployments.create({ spec: aSpec(place), requestedBy: 'ada' })).id
  const ids = [await create(), await create()] as const
  return {
    redis,
    keys: createKeys(redis, prefix),
    records,
    reported,
    ids,
    [Symbol.asyncDispose]: () => records[Symbol.asyncDispose](),
  }
}

/** Changes JSON of a field as a stranger would. */
async function change(redis: ReturnType<RedisServer['connect']>, key: string, field: string, changed: object) {
  const json = (await redis.hget(key, field)) ?? '{}'
  await redis.hset(key, field, JSON.stringify({ ...(JSON.parse(json) as object), ...changed }))
}

it.each([
  ['not JSON', 'not JSON'],
  ['null', 'wrong fields: (all)'],
  ['{"id":"d-1"}', 'wrong fields: spec, createdAt'],
])('a deployment whose record is %s is refused by itself, and left out of lists', async (json, why) => {
  await using opened = await openRecords()
  const { records, redis, keys, ids, reported } = opened
  await redis.hset(keys.record(ids[0]), fields.deployment, json)

  await expect(records.deployments.read(ids[0])).rejects.toMatchObject({ code: 'RECORD_INVALID' })
  await expect(records.claims.claimDeployment(ids[0], 'w1')).rejects.toThrow(
    `the record of ${ids[0]} in Redis is invalid: ${why}`,
  )
  const { deployments } = await records.deploymentIndex.list({ limit: 10 })

  expect(deployments.map(({ id }) => id)).toEqual([ids[1]])
  expect(reported[0]).toContain(`the record of ${ids[0]} in Redis is invalid: ${why}`)
  expect(await records.turns.next(place)).toBe(ids[1])
})

it('names wrong fields and not their values', async () => {
  await using opened = await openRecords()
  const { records, redis, keys, ids } = opened
  const spec = { ...aSpec(place), version: '$(hunter2)', colour: 'hunter2' }
  await change(redis, keys.record(ids[0]), fields.order, { spec })

  const error: unknown = await records.deployments.read(ids[0]).catch((reason: unknown) => reason)

  expect(String(error)).toMatch(/spec\.version, spec\.colour/)
  expect(String(error)).not.toContain('hunter2')
})

it.each([
  ['commands', '[{"seq":1,"command":{"command":"explode"},"by":"eve","at":"2026-01-01T00:00:00.000Z"}]'],
  ['count:failed', 'many'],
  ['hosts', '["../etc"]'],
])('a deployment with invalid %s is not read', async (field, value) => {
  await using opened = await openRecords()
  const { records, redis, keys, ids } = opened
  await redis.hset(keys.record(ids[0]), field, value)

  await expect(records.deployments.readView(ids[0])).rejects.toMatchObject({ code: 'RECORD_INVALID' })
})

const output = { type: 'task.logged', at: '2026-11-29T12:00:00.000Z', task: 'migrate', lines: 'all of them' }

it.each([
  ['an invalid event', 'events', { type: 'host.exploded' }, ''],
  ["a task's output that is none", 'log', output, ': wrong fields: lines'],
] as const)('%s is refused, with its number', async (_, stream, event, why) => {
  await using opened = await openRecords()
  const { records, redis, keys, ids } = opened
  await redis.xadd(keys[stream](ids[0]), '2-0', 'event', JSON.stringify(event))
  await redis.hset(keys.record(ids[0]), fields.seq, 2)

  const reading = records.eventLog.read(ids[0], { after: 0, limit: 10 })

  await expect(reading).rejects.toThrow(`event 2 of ${ids[0]} in Redis is invalid${why}`)
})

it('an event of a kind that only a newer version knows is passed on', async () => {
  await using opened = await openRecords()
  const { records, redis, keys, ids } = opened
  const newer = { type: 'host.teleported', at: '2026-11-29T12:00:00.000Z', host: 'web-1', to: 'web-2' }
  await redis.xadd(keys.events(ids[0]), '2-0', 'event', JSON.stringify(newer))
  await redis.hset(keys.record(ids[0]), fields.seq, 2)

  const { events } = await records.eventLog.read(ids[0], { after: 0, limit: 10 })

  expect(events[1]).toEqual({ ...newer, seq: 2 })
  const view = events.reduce<DeploymentView | undefined>(applyEvent, undefined)
  expect(view).toMatchObject({ cursor: 2, deployment: { state: { status: 'queued' } } })
})

it('a host, a plan, a definition and a lock that are none are refused', async () => {
  await using opened = await openRecords()
  const { records, redis, keys, ids, reported } = opened
  await redis.hset(keys.record(ids[0]), fields.host('web-1'), '{"target":{"address":"169.254.169.254"}}')
  await redis.set(keys.plan('p-1'), '{"id":"p-1"}')
  await redis.hset(keys.applications, 'payments', '{"name":"payments","hooks":{"beforeDrain":"rm"}}')
  await redis.hset(keys.locks, 'payments/production', '{"by":7}')

  const reads = [
    () => records.deployments.readHost(ids[0], 'web-1'),
    () => records.claims.claimHost(ids[0], 'web-1', 'w1'),
    () => records.plans.read('p-1'),
    () => records.applications.read('payments'),
    () => records.applicationLocks.read(place),
    () => records.turns.check(ids[0]),
  ]

  for (const read of reads) await expect(read()).rejects.toMatchObject({ code: 'RECORD_INVALID' })
  expect(await records.applications.list()).toEqual([])
  expect(await records.applicationLocks.list()).toEqual([])
  expect(reported).toHaveLength(2)
})

it('what runs on a host is left out of the list where it is invalid', async () => {
  await using opened = await openRecords()
  const { records, redis, keys, reported } = opened
  const put = { release: '1', version: '1', deployment: 'd-1', at: '2026-01-01T00:00:00.000Z' }
  await redis.hset(keys.releases('payments'), {
    'production/web-1': JSON.stringify(put),
    'production/web-2': JSON.stringify({ ...put, deployment: 'no id' }),
  })
  await redis.sadd(keys.shards[0]!.active, 'd-1:events')

  const hosts = await records.hostHistory.list('payments')

  expect(hosts.map(({ host }) => host)).toEqual(['web-1'])
  expect(await records.hostHistory.listInUse('payments')).toEqual(['d-1'])
  expect(await records.deploymentIndex.listActive()).toHaveLength(2)
  expect(reported).toHaveLength(3)
})
