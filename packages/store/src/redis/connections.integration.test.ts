import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkPolicy } from './check-policy.ts'
import { isFromReplica } from './connection-errors.ts'
import { openRedis, readRedisAccess } from './open-redis.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

test('a Redis that may evict is told, and one that keeps all is not', async () => {
  const redis = server.connect()
  const before = await checkPolicy(redis)
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru')

  expect([before, await checkPolicy(redis)]).toEqual([undefined, expect.stringContaining('allkeys-lru')])
  await redis.config('SET', 'maxmemory-policy', 'noeviction')
})

test('a user who may not ask is not stopped by the question', async () => {
  const admin = server.connect()
  await admin.acl('SETUSER', 'plain', 'on', '>secret', '~*', '+@all', '-@dangerous')
  const redis = new Redis(server.url, {
    username: 'plain',
    password: 'secret',
    lazyConnect: true,
    enableReadyCheck: false,
  })
  await redis.connect()

  expect(await checkPolicy(redis)).toBeUndefined()
  redis.disconnect()
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
