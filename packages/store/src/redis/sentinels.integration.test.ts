import { startSentinels, type Sentinels } from '@vesemir/testing/start-sentinels'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRedis, readRedisAccess } from './open-redis.ts'
import { RedisSettings } from './settings.ts'

let sentinels: Sentinels
beforeAll(async () => {
  sentinels = await startSentinels()
  await sentinels.ready()
})
afterAll(() => sentinels[Symbol.asyncDispose]())

/** Opens a connection with these settings over the right ones, and returns its first error or that it is ready. */
async function connectWith(changes: object): Promise<string> {
  const { redis: settings, redisTls } = sentinels.settings
  const redis = RedisSettings.parse({ ...settings, ...changes })
  const connection = openRedis(await readRedisAccess({ redis, redisTls }), { maxRetriesPerRequest: null })
  const { promise, resolve } = Promise.withResolvers<string>()
  connection.on('error', (error: Error) => resolve(error.message)).on('ready', () => resolve('ready'))
  try {
    return await promise
  } finally {
    connection.disconnect()
  }
}

test('reaches the primary by Sentinels with passwords and TLS of their own', async () => {
  expect(await connectWith({})).toBe('ready')
})

test('leaves a primary that is cut off, on every connection, and writes to the next', async () => {
  const { redis: settings, redisTls } = sentinels.settings
  const access = await readRedisAccess({ redis: RedisSettings.parse(settings), redisTls })
  const first = openRedis(access, { maxRetriesPerRequest: null }).on('error', () => {})
  // As BullMQ does.
  const second = (first as Redis).duplicate().on('error', () => {})
  await Promise.all([first.set('key', 'before'), second.ping()])
  const former = await sentinels.primary()

  await former.signal('SIGSTOP')
  const writing = Promise.all([first.set('key', 'after'), second.ping()])

  expect(await writing).toEqual(['OK', 'PONG'])
  await former.signal('SIGCONT')
  await sentinels.ready()
  await Promise.all([first.quit(), second.quit()])
})

test.each([
  ['another name of the primary', { masterName: 'other' }, /No such master with that name/],
  ['a wrong password of the Sentinels', { sentinelPasswordFile: undefined, sentinelPassword: 'wrong' }, /WRONGPASS/],
  ['a wrong password of Redis', { passwordFile: undefined, password: 'wrong' }, /WRONGPASS/],
  ['no TLS to the Sentinels', { sentinelTls: undefined }, /sentinel/],
])('with %s it fails and says why', async (_, changes, reason) => {
  const message = await connectWith(changes)

  expect(message).toMatch(reason)
  expect(message).not.toContain('hunter2')
})
