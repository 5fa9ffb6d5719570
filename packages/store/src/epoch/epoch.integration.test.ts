import { createSystemClock } from '@vesemir/process/clock'
import { aSpec } from '@vesemir/contract/testing'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { takeSnapshot } from '@vesemir/testing/change-redis'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createRecords, type Records } from '../record/index.ts'
import { testSeals } from '../seal/testing.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => server.connect().flushall())

const seals = testSeals().both

/** A process with the record, and the epochs that it has seen begin by a loss. */
function open(): Records & { losses: string[] } {
  const losses: string[] = []
  const onLoss = ({ epoch }: { epoch: string }) => losses.push(epoch)
  const records = createRecords(server.connect(), { clock: createSystemClock(), seals, onLoss })
  return Object.assign(records, { losses })
}

async function create({ deployments }: Records): Promise<string> {
  const { id } = await deployments.create({ spec: aSpec(), requestedBy: 'ada' })
  return id
}

test('processes with the same Redis are in the same epoch, and a later process too', async () => {
  await using one = open()
  await one.epoch.look()
  await using other = open()
  await Promise.all([other.epoch.look(), one.epoch.look()])

  expect(one.epoch.idOf('d-1')).toMatch(/^[0-9a-f]{12}$/)
  expect(other.epoch.idOf('d-1')).toBe(one.epoch.idOf('d-1'))
  expect([...one.losses, ...other.losses]).toEqual([])
})

test('numbers go on after Redis came back empty, also before anyone has noticed', async () => {
  await using records = open()
  await create(records)
  await create(records)
  const plan = await records.plans.nextId()
  await records.epoch.look()
  await server.connect().flushall()

  expect(await create(records)).toBe('d-3')
  expect([plan, await records.plans.nextId()]).toEqual(['p-1', 'p-2'])
  await records.epoch.look()
  expect(await records.plans.nextId()).toBe('p-3')
  expect(records.losses).toEqual([records.epoch.idOf('d-1')])
})

test('an id that Redis forgot before the next look is known as lost from that look on, and given to no other', async () => {
  await using records = open()
  await records.epoch.look()
  const id = await create(records)
  await server.connect().flushall()
  await records.epoch.look()
  await using fresh = open()
  await fresh.epoch.look()

  await expect(records.eventLog.read(id, { after: 0, limit: 10 })).rejects.toMatchObject({ code: 'DEPLOYMENT_LOST' })
  expect(await create(fresh)).toBe('d-2')
})

test('an id that a process learns of is known to Redis right then, also while a look is under way', async () => {
  await using records = open()
  await records.epoch.look()
  const looking = records.epoch.look()
  await records.epoch.learn('d-7')
  await looking

  expect(await create(records)).toBe('d-8')
})

test('a process that knows no numbers takes those of one that does', async () => {
  await using old = open()
  await create(old)
  await create(old)
  await old.epoch.look()
  await server.connect().flushall()
  await using fresh = open()
  await fresh.epoch.look()
  await old.epoch.look()

  expect(await create(fresh)).toBe('d-3')
  await fresh.epoch.look()
  expect(fresh.epoch.idOf('d-1')).toBe(old.epoch.idOf('d-1'))
  expect([old.losses.length, fresh.losses.length]).toEqual([1, 0])
})

test('an older state is a loss, which one process finds and the others learn', async () => {
  const redis = server.connect()
  await using one = open()
  await using other = open()
  await create(one)
  await Promise.all([one.epoch.look(), other.epoch.look()])
  const before = one.epoch.idOf('d-1')
  const backup = await takeSnapshot(redis, '')
  await create(one)
  for (const records of [one, other, one, other]) await records.epoch.look()
  await redis.flushall()
  for (const key of backup.keys) await backup.restore(key)
  for (const records of [one, other]) await records.epoch.look()

  expect(one.epoch.idOf('d-1')).not.toBe(before)
  expect(other.epoch.idOf('d-1')).toBe(one.epoch.idOf('d-1'))
  expect([one.losses, other.losses]).toEqual([[one.epoch.idOf('d-1')], []])
  expect(await create(one)).toBe('d-3')
  await expect(one.eventLog.read('d-2', { after: 0, limit: 10 })).rejects.toMatchObject({ code: 'DEPLOYMENT_LOST' })
})

test('a cursor of another epoch continues where the record was restored, also when other events have its number by now', async () => {
  const redis = server.connect()
  await using records = open()
  const id = await create(records)
  await records.epoch.look()
  const read = (cursor: { after: number; epoch?: string | undefined }) =>
    records.eventLog.read(id, { ...cursor, limit: 10 })
  const { epoch, next: kept } = await read({ after: 0 })
  const backup = await takeSnapshot(redis, '')
  await records.commands.give(id, { command: { command: 'pause' }, by: 'ada' })
  await records.epoch.look()
  const { next: lost } = await read({ after: 0 })
  await redis.flushall()
  for (const key of backup.keys) await backup.restore(key)

  expect(await read({ after: lost, epoch })).toMatchObject({ events: [], restored: { after: kept } })
  await records.epoch.look()
  await records.commands.give(id, { command: { command: 'cancel', now: false }, by: 'ada' })
  const page = await read({ after: lost, epoch })
  expect(page).toMatchObject({ restored: { after: kept }, epoch: records.epoch.idOf('d-1') })
  expect(page.events.map(({ seq, type }) => [seq, type])).toEqual([[kept + 1, 'deployment.commanded']])
  await expect(read({ after: 99 })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  expect(await read({ after: page.next, epoch: page.epoch })).not.toHaveProperty('restored')
})
