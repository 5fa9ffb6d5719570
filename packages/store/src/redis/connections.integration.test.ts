import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Log } from '@vesemir/process/log'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkRedis } from './check-redis.ts'
import { isFromReplica } from './connection-errors.ts'
import { readRedisFacts } from './inspect-redis.ts'
import { openRedis, readRedisAccess } from './open-redis.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

test('reads what Redis says of itself, changes nothing by it, and leaves the connection as it is', async () => {
  const redis = server.connect()

  const facts = await readRedisFacts(redis, { prefix: 'vesemir' })

  expect(facts).toMatchObject({ policy: 'noeviction', isAppended: false, save: '', isReplica: false, forbidden: [] })
  expect(await redis.keys('*')).toEqual([])
})

test('a user who may not ask is not stopped by the question, and one who may not write is told of', async () => {
  const admin = server.connect()
  await admin.acl('SETUSER', 'plain', 'on', '>secret', '~*', '&*', '+@all', '-@dangerous')
  await admin.acl('SETUSER', 'reader', 'on', '>secret', '~other:*', '&*', '+@all', '-@scripting')
  const factsOf = async (username: string) => {
    const redis = new Redis(server.url, { username, password: 'secret' })
    const facts = await readRedisFacts(redis, { prefix: 'vesemir' })
    redis.disconnect()
    return facts
  }

  expect(await factsOf('plain')).toEqual({ forbidden: [] })
  expect((await factsOf('reader')).forbidden).toEqual(expect.arrayContaining(['set', 'xadd', 'eval', 'evalsha']))
  expect(await admin.keys('*')).toEqual([])
})

test('refuses a Redis that may evict, or warns where that is wanted', async () => {
  const redis = server.connect()
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
  const told: unknown[] = []
  const log = { warn: (fields: object) => told.push(fields) } as unknown as Pick<Log, 'warn'>

  await expect(checkRedis(redis, { prefix: 'vesemir', log })).rejects.toMatchObject({ code: 'REDIS_UNSAFE' })
  told.length = 0
  await checkRedis(redis, { prefix: 'vesemir', log, unsafe: 'warn' })

  expect(told).toContainEqual({ problem: expect.stringContaining('allkeys-lru') as string })
  await redis.config('SET', 'maxmemory-policy', 'noeviction')
})

test('a write goes on when its Redis was a replica for a while: the connection is made again', async () => {
  await using master = await startRedis()
  const admin = server.connect()
  const { port } = new URL(master.url)
  await admin.replicaof('127.0.0.1', Number(port))
  const redis = new Redis(server.url, {
    reconnectOnError: (error) => isFromReplica(error) && 2,
    maxRetriesPerRequest: null,
  })
  redis.on('error', () => {})
  const reconnected = once(redis, 'reconnecting')

  const writing = redis.set('key', 'value')
  await reconnected
  await admin.replicaof('NO', 'ONE')

  expect(await writing).toBe('OK')
  redis.disconnect()
})

test('a Redis that listens on a Unix socket alone is reached by its path', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vesemir redis-'))
  const socket = join(folder, 'redis.sock')
  const redisServer = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface(redisServer.stdout)) if (line.includes('ready to accept')) break
  redisServer.stdout.resume()

  const redis = openRedis(await readRedisAccess({ redis: { url: `unix:${encodeURI(socket)}` } }), {})

  expect(await redis.ping()).toBe('PONG')
  redis.disconnect()
  redisServer.kill('SIGKILL')
  await once(redisServer, 'close')
  await rm(folder, { recursive: true })
})
