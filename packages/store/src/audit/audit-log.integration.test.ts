import { randomUUID } from 'node:crypto'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAuditLog } from './audit-log.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const nowMs = Date.parse('2026-11-29T12:00:00Z')
const dayMs = 86_400_000
const fact = (who: string) => ({ who, action: 'putLock', outcome: 'succeeded' as const })

async function aLog(people: string[] = []) {
  const clock = { nowMs, now: () => clock.nowMs }
  const redis = server.connect()
  const prefix = randomUUID()
  const log = createAuditLog(redis, { clock, prefix })
  for (const who of people) await log.append(fact(who))
  return { clock, redis, key: `${prefix}:audit`, log, other: createAuditLog(redis, { clock, prefix }) }
}

it('keeps entries in their order, of several processes at once, and is whole', async () => {
  const { log, other } = await aLog()

  await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 ? log : other).append(fact(`p${index}`))))

  const entries = await log.read({ limit: 100 })
  expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, index) => 40 - index))
  expect(new Set(entries.map(({ who }) => who)).size).toBe(40)
  expect(await log.read({ before: 3, limit: 100 })).toMatchObject([{ seq: 2 }, { seq: 1 }])
  expect(await log.verify()).toEqual({ entries: 40, head: entries[0]!.hash, problems: [] })
})

it('adds each entry once, also when the answer to a batch is lost', async () => {
  const { redis, log } = await aLog(['ada'])
  const scripts = redis as unknown as { vesemirAppendAudit: (...args: unknown[]) => Promise<unknown> }
  const send = scripts.vesemirAppendAudit.bind(redis)
  // As ioredis does when a connection is lost with the answer.
  scripts.vesemirAppendAudit = async (...args) => [await send(...args), await send(...args)][1]

  const entries = await Promise.all(['bob', 'eve', 'zoe'].map((who) => log.append(fact(who))))

  expect(entries).toMatchObject([{ seq: 2 }, { seq: 3 }, { seq: 4 }])
  expect((await log.read({ limit: 100 })).map(({ who }) => who)).toEqual(['zoe', 'eve', 'bob', 'ada'])
  expect(await log.verify()).toMatchObject({ entries: 4, problems: [] })
})

it('notices that an entry was removed, in the middle or at the end, and goes on', async () => {
  const { redis, key, log } = await aLog(['ada', 'eve', 'bob'])

  await redis.xdel(key, '2-0')
  expect((await log.verify()).problems).toEqual([{ seq: 3, problem: '1 entry is missing before it' }])
  await redis.xdel(key, '3-0')
  expect((await log.verify()).problems).toEqual([{ seq: 2, problem: '2 entries are missing at the end' }])
  await log.append(fact('carl'))
  expect((await log.verify()).problems).toEqual([{ seq: 4, problem: '2 entries are missing before it' }])
})

it('notices that an entry was changed', async () => {
  const { redis, key, log } = await aLog(['ada', 'eve', 'bob'])
  const rows = (await redis.xrange(key, '-', '+')) as [string, string[]][]

  await redis.del(key)
  for (const [id, [, json, , hash]] of rows)
    await redis.xadd(key, id, 'entry', json!.replace('"eve"', '"ada"'), 'hash', hash!)

  expect((await log.verify()).problems).toEqual([{ seq: 2, problem: 'was changed, or the one before it' }])
})

it('passes over what is not an entry, and reads the rest', async () => {
  const { redis, key, log } = await aLog(['ada'])

  await redis.xadd(key, '2-0', 'entry', 'x', 'hash', 'y')
  await redis.xadd(key, '3-0', 'nothing', 'x')
  await log.append(fact('bob'))

  expect((await log.read({ limit: 10 })).map(({ who }) => who)).toEqual(['bob', 'ada'])
  expect((await log.verify()).problems.map(({ seq }) => seq)).toContain(2)
})

it('refuses to add to a log whose last number cannot be followed, and does not try for ever', async () => {
  const { redis, key, log } = await aLog(['ada'])

  await redis.xadd(key, '9007199254740993-0', 'entry', 'x', 'hash', 'y')

  await expect(log.append(fact('bob'))).rejects.toMatchObject({ code: 'RECORD_INVALID' })
})

/** A log with three entries, and a fourth of ten days later. */
async function anOldLog() {
  const made = await aLog(['ada', 'eve', 'bob'])
  made.clock.nowMs += 10 * dayMs
  await made.log.append(fact('carl'))
  return made
}

it('removes what is older than a time, says so in an entry, and is whole with what is left', async () => {
  const { log, other } = await anOldLog()
  const [, third] = await log.read({ limit: 4 })

  const entry = await log.removeBefore(nowMs + dayMs)

  expect(entry).toMatchObject({ seq: 5, action: 'removeAuditEntries', after: { removedTo: 3, hash: third!.hash } })
  expect((await other.read({ limit: 10 })).map(({ seq }) => seq)).toEqual([5, 4])
  expect(await other.verify()).toEqual({ entries: 2, head: entry!.hash, problems: [] })
  expect(await other.removeBefore(nowMs + dayMs)).toBeUndefined()
})

it('removes again what has become old, the entry of the last removal too', async () => {
  const { clock, log, other } = await anOldLog()
  await log.removeBefore(nowMs + dayMs)
  clock.nowMs += 10 * dayMs

  expect(await other.removeBefore(nowMs + 15 * dayMs)).toMatchObject({ seq: 6, after: { removedTo: 4 } })

  expect(await log.verify()).toMatchObject({ entries: 2, problems: [] })
})

it('keeps the newest entry, however old', async () => {
  const { log } = await aLog(['ada'])

  expect(await log.removeBefore(nowMs + dayMs)).toBeUndefined()
})

it('is whole when the process ends between the entry and the removal, and removes the next time', async () => {
  const { redis, key, log, other } = await anOldLog()
  redis.xtrim = () => Promise.reject(new Error('the process ended'))
  await expect(log.removeBefore(nowMs + dayMs)).rejects.toThrow('the process ended')
  delete (redis as Partial<typeof redis>).xtrim

  expect(await other.verify()).toMatchObject({ entries: 5, problems: [] })
  expect(await other.removeBefore(nowMs + dayMs)).toMatchObject({ after: { removedTo: 3 } })
  expect(await redis.xlen(key)).toBe(3)
})

it('notices what somebody else removed at its start, after a removal too', async () => {
  const { redis, key, log } = await aLog(['ada', 'eve', 'bob'])

  await redis.xdel(key, '1-0')
  expect((await log.verify()).problems).toEqual([{ seq: 2, problem: '1 entry is missing before it' }])

  const old = await anOldLog()
  await old.log.removeBefore(nowMs + dayMs)
  await old.redis.xdel(old.key, '4-0')
  expect((await old.log.verify()).problems).toEqual([{ seq: 5, problem: '4 entries are missing before it' }])
})

it('does not believe a removal with another hash, and removes nothing from a change on', async () => {
  const { redis, key, log } = await anOldLog()
  const rows = (await redis.xrange(key, '-', '+')) as [string, string[]][]
  await redis.del(key)
  for (const [id, [, json, , hash]] of rows)
    await redis.xadd(key, id, 'entry', json!.replace('"eve"', '"ada"'), 'hash', hash!)

  expect(await log.removeBefore(nowMs + dayMs)).toMatchObject({ after: { removedTo: 1 } })
  expect((await log.verify()).problems).toEqual([{ seq: 2, problem: 'was changed, or the one before it' }])

  await redis.xtrim(key, 'MINID', '3-0')
  await log.append({ ...fact('mallory'), action: 'removeAuditEntries', after: { removedTo: 2, hash: 'made up' } })
  expect((await log.verify()).problems).toEqual([{ seq: 3, problem: 'was changed, or the one before it' }])
})
