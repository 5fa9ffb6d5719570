import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSystemClock } from '../../clock/index.ts'
import { startRedis, type RedisServer } from '../../testing/index.ts'
import { createLocks } from './create-locks.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const soon = { waitMs: 5000 }

/** The locks as two processes have them, and the connection of the first. */
function aPair(options: { lifetimeMs?: number } = {}) {
  const prefix = randomUUID()
  const redis = server.connect()
  const open = (on = server.connect()) => createLocks(on, { clock: createSystemClock(), prefix, ...options })
  return { one: open(redis), other: open(), redis, key: (name: string) => `${prefix}:lock:${name}` }
}

/** A task that goes on until it is told to end. */
function aTask() {
  const begun = Promise.withResolvers<void>()
  const end = Promise.withResolvers<void>()
  const run = async () => {
    begun.resolve()
    await end.promise
  }
  return { run, begun: begun.promise, end: end.resolve }
}

it('has one task at a time hold a lock, of whichever process', async () => {
  const pair = aPair()
  await using one = pair.one
  await using other = pair.other
  let running = 0
  let most = 0
  const task = async () => {
    most = Math.max(most, (running += 1))
    await setTimeout(1)
    running -= 1
  }

  await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? one : other).hold(['a', 'b'], soon, task)))

  expect(most).toBe(1)
})

it('gives a lock to those of one process in the order in which they came, and asks Redis once for each', async () => {
  const pair = aPair()
  await using locks = pair.one
  await using _other = pair.other
  const order: number[] = []
  await pair.redis.config('RESETSTAT')

  await Promise.all(
    Array.from({ length: 10 }, (_, index) => locks.hold(['a'], soon, async () => void order.push(index))),
  )

  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  const stats = await pair.redis.info('commandstats')
  expect(stats).toMatch(/cmdstat_set:calls=10,/)
  expect(stats).not.toContain('cmdstat_pttl')
})

it('tells who has waited for long enough, and lets those after them wait on', async () => {
  const pair = aPair()
  await using one = pair.one
  await using other = pair.other
  const { run, begun, end } = aTask()
  const holding = one.hold(['a'], soon, run)
  await begun
  const cancelled = new AbortController()

  const late = [one, other].map((locks) => locks.hold(['a'], { waitMs: 0 }, async () => {}))
  const gone = one.hold(['a'], { ...soon, signal: cancelled.signal }, async () => {})
  const next = one.hold(['a'], soon, async () => 'held')

  await Promise.all(late.map((each) => expect(each).rejects.toMatchObject({ code: 'LOCK_HELD' })))
  cancelled.abort(new Error('cancelled'))
  await expect(gone).rejects.toThrow('cancelled')
  end()
  await holding
  expect(await next).toBe('held')
})

it('frees a lock whose holder failed, and one whose holder died', async () => {
  const pair = aPair({ lifetimeMs: 200 })
  await using one = pair.one
  await using other = pair.other
  await pair.redis.set(pair.key('a'), 'of a process that is gone', 'PX', 200)

  const failing = one.hold(['a'], soon, () => Promise.reject(new Error('failed')))
  await expect(failing).rejects.toThrow('failed')

  expect(await one.hold(['a'], soon, async () => 'again')).toBe('again')
  expect(await other.hold(['a'], soon, async () => 'elsewhere')).toBe('elsewhere')
})

it('says when a lock was lost while it was needed, and gives the next a turn all the same', async () => {
  const pair = aPair()
  await using locks = pair.one
  await using _other = pair.other

  const lost = locks.hold(['a'], soon, async () => void (await pair.redis.del(pair.key('a'))))
  const next = locks.hold(['a'], soon, async () => 'held')

  await expect(lost).rejects.toMatchObject({ code: 'LOCK_LOST' })
  expect(await next).toBe('held')
})
