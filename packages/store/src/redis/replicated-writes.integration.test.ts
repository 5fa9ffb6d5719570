import { createSystemClock } from '@vesemir/process/clock'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { aSpec } from '@vesemir/contract/testing'
import { createRecords } from '../record/index.ts'
import { testSeals } from '../seal/testing.ts'
import { createReplicatedWrites } from './replicated-writes.ts'

let primary: RedisServer
let replica: RedisServer
beforeAll(async () => {
  ;[primary, replica] = await Promise.all([startRedis(), startRedis()])
  await replica.connect().replicaof('127.0.0.1', Number(new URL(primary.url).port))
  const isOnline = async () => {
    const state = await primary.connect().info('replication')
    if (!state.includes('state=online')) throw new Error(`the replica is not online: ${state}`)
  }
  await vi.waitFor(isOnline, { timeout: 20_000 })
})
afterAll(async () => {
  await primary[Symbol.asyncDispose]()
  await replica[Symbol.asyncDispose]()
})

const clock = createSystemClock()

test('a write is on the replica when it is done', async () => {
  using writes = createReplicatedWrites(primary.connect(), { count: 1, timeoutMs: 5000, clock })

  await writes.write((redis) => redis.set('key', 'written'))

  expect(await replica.connect().get('key')).toBe('written')
})

test('says how many replicas have it where some are missing, and again when they are back', async () => {
  using writes = createReplicatedWrites(primary.connect(), { count: 1, timeoutMs: 300, clock })
  replica.suspend()

  const lost = await writes.write((redis) => redis.set('key', 'lost')).catch((error: unknown) => error)
  replica.resume()

  expect(lost).toMatchObject({
    code: 'REDIS_NOT_REPLICATED',
    message: '0 of 1 replicas of Redis have a write after 300 ms',
  })
  await expect.poll(() => replica.connect().get('key')).toBe('lost')
  await writes.write((redis) => redis.set('key', 'kept'))
})

test('a write whose connection breaks before the replicas have it is run again', async () => {
  const admin = primary.connect()
  using writes = createReplicatedWrites(primary.connect(), { count: 1, timeoutMs: 60_000, clock })
  replica.suspend()
  let runs = 0

  const writing = writes.write(async (redis) => {
    runs += 1
    return redis.set('key', 'run again')
  })
  await expect.poll(() => admin.info('clients')).toMatch(/blocked_clients:1/)
  await admin.call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'YES')
  await expect.poll(() => runs).toBe(2)
  replica.resume()

  await writing
  expect(await replica.connect().get('key')).toBe('run again')
})

test('the start of a task waits for the replicas also where its answer was lost', async () => {
  const admin = primary.connect()
  using writes = createReplicatedWrites(primary.connect(), { count: 1, timeoutMs: 60_000, clock })
  let runs = 0
  const write: typeof writes.write = (run) =>
    writes.write((redis) => {
      runs += 1
      return run(redis)
    })
  await using records = createRecords(primary.connect(), { clock, seals: testSeals().both, writes: { write } })
  const { id } = await records.deployments.create({ spec: aSpec(), requestedBy: 'ada' })
  const claim = await records.claims.claimDeployment(id, 'w1')
  await claim.append({ type: 'task.started', task: 'migrate' })
  const blocked = () => expect.poll(() => admin.info('clients'))
  replica.suspend()

  let isConfirmed = false
  const confirming = claim.confirm().then(() => (isConfirmed = true))
  await blocked().toMatch(/blocked_clients:1/)
  await admin.call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'YES')
  await expect.poll(() => runs).toBe(2)
  await blocked().toMatch(/blocked_clients:1/)
  expect(isConfirmed).toBe(false)
  replica.resume()

  await confirming
})
