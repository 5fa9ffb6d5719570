import { createSystemClock } from '@vesemir/process/clock'
import { startRedis } from '@vesemir/testing/start-redis'
import { expect, test } from 'vitest'
import { readRedisMemory } from './redis-memory.ts'
import { watchRedisMemory } from './watch-redis-memory.ts'

const soon = { timeout: 5000, interval: 20 }

test('reads the memory in use with the bound of Redis, and without one with that of the settings', async () => {
  await using server = await startRedis()
  const redis = server.connect()

  const unbound = await readRedisMemory(redis)
  const watched = await readRedisMemory(redis, { memoryLimitBytes: 5_000_000 })
  await redis.config('SET', 'maxmemory', '90000000')
  const bound = await readRedisMemory(redis, { memoryLimitBytes: 5_000_000 })

  expect(unbound).toEqual({ usedBytes: expect.any(Number), limitBytes: 0 })
  expect(unbound.usedBytes).toBeGreaterThan(100_000)
  expect([watched, bound].map(({ limitBytes }) => limitBytes)).toEqual([5_000_000, 90_000_000])
})

test('logs once that little memory is left, and once that it is enough again', async () => {
  await using server = await startRedis()
  const redis = server.connect()
  const lines: string[] = []
  const note = (_: object, message: string) => void lines.push(message)
  const log = { warn: note, info: note } as never
  await redis.config('SET', 'maxmemory', '1')
  await using watch = watchRedisMemory(redis, { clock: createSystemClock(), log, intervalMs: 5 })

  await expect.poll(() => lines, soon).toEqual(['Redis has little memory left'])
  await redis.config('SET', 'maxmemory', '900000000')
  await expect.poll(() => lines, soon).toEqual(['Redis has little memory left', 'Redis has enough memory again'])

  expect(watch.latest()).toMatchObject({ limitBytes: 900_000_000 })
  redis.disconnect()
  await expect.poll(() => watch.latest(), soon).toBeUndefined()
})
