import { randomUUID } from 'node:crypto'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApiTokens } from './index.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const minuteMs = 60_000

/** Two processes with the same Redis, and a clock that the test moves. */
function aPair({ secret = 'a secret of more than 32 characters' } = {}) {
  const redis = server.connect()
  const clock = { nowMs: Date.now(), now: () => clock.nowMs }
  const prefix = randomUUID()
  const open = (theirs = secret) => createApiTokens(redis, { prefix, clock, secret: theirs })
  return { redis, clock, prefix, tokens: open(), others: open(), open }
}

const asked = (expiresMs: number) => ({
  name: 'ci',
  owner: { kind: 'token' as const, name: 'ada' },
  grants: [{ role: 'deployer' as const }],
  expiresMs,
})

test('a token is known to every process until it is revoked, and kept by its hash alone', async () => {
  const { redis, clock, prefix, tokens, others } = aPair()
  const { token, ...stored } = await tokens.create(asked(clock.nowMs + minuteMs))

  expect(await others.identify(token)).toEqual(stored)
  const kept = await Promise.all((await redis.keys(`${prefix}:api-token:*`)).map((key) => redis.get(key)))
  expect(kept).toHaveLength(1)
  expect(kept.join()).not.toContain(token.slice(-43))

  expect(await others.revoke(stored.id)).toBe(true)
  expect(await tokens.identify(token)).toBeUndefined()
  expect(await tokens.list()).toEqual([])
})

test('a token ends when it expires, by the clock of all and in Redis', async () => {
  const { redis, clock, prefix, tokens } = aPair()
  const { id, token } = await tokens.create(asked(clock.nowMs + minuteMs))
  expect(await redis.pttl(`${prefix}:api-token:${id}`)).toBeGreaterThan(0)

  clock.nowMs += minuteMs

  expect(await tokens.identify(token)).toBeUndefined()
  expect(await tokens.list()).toEqual([])
})

test('the last use is noted, at most once a minute', async () => {
  const { clock, tokens } = aPair()
  const { token } = await tokens.create(asked(clock.nowMs + 10 * minuteMs))
  const use = async () => {
    await tokens.identify(token)
    return (await tokens.list())[0]!.lastUsedMs
  }
  expect((await tokens.list())[0]!.lastUsedMs).toBeUndefined()
  const firstMs = clock.nowMs
  expect(await use()).toBe(firstMs)

  clock.nowMs += minuteMs - 1
  expect(await use()).toBe(firstMs)
  clock.nowMs += 1
  expect(await use()).toBe(clock.nowMs)
})

test('who can write to Redis makes no token, and makes none of another', async () => {
  const { redis, clock, prefix, tokens, open } = aPair()
  const forger = open('another secret of more than 32 characters')
  const forged = await forger.create(asked(clock.nowMs + minuteMs))
  const own = await tokens.create(asked(clock.nowMs + minuteMs))
  const other = await tokens.create({ ...asked(clock.nowMs + minuteMs), grants: [{ role: 'admin' }] })

  await redis.copy(`${prefix}:api-token:${other.id}`, `${prefix}:api-token:${own.id}`, 'REPLACE')

  expect(await tokens.identify(forged.token)).toBeUndefined()
  expect(await tokens.identify(own.token)).toBeUndefined()
  expect(await tokens.identify(other.token)).toMatchObject({ id: other.id })
})
