import { once } from 'node:events'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { gatherCommands } from './gather-commands.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

async function countReads(redis: Redis): Promise<number> {
  const [, reads] = /total_reads_processed:(\d+)/.exec(await redis.info('stats'))!
  return Number(reads)
}

it('sends the commands of one turn in one write, transactions and such that block too, and after a new connection', async () => {
  const redis = gatherCommands(server.connect({ maxRetriesPerRequest: null }))
  const observer = server.connect()
  const askAll = () =>
    Promise.all([
      redis.set('number', 1),
      redis.multi().incr('number').incr('number').exec(),
      redis.get('number'),
      redis.rpush('list', 'first'),
      redis.blpop('list', 1),
    ])
  const answers = ['OK', expect.any(Array), '3', 1, ['list', 'first']]
  await redis.ping()

  const before = await countReads(observer)
  expect(await askAll()).toEqual(answers)
  // One for the commands, one for the look itself.
  expect((await countReads(observer)) - before).toBe(2)

  const back = once(redis, 'ready')
  await observer.client('KILL', 'ID', await redis.client('ID'))
  await back
  const beforeAgain = await countReads(observer)
  expect(await askAll()).toEqual(answers)
  expect((await countReads(observer)) - beforeAgain).toBe(2)
})
