import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { Lease } from '@vesemir/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSystemClock } from '@vesemir/process/clock'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
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

/** Something that one at a time may take, who looks first whether it is free. */
function aSeat() {
  const seat = { taken: 0, looks: 0 }
  const take = async (lease: Lease, between: () => Promise<void> = async () => {}) => {
    seat.looks += 1
    const isFree = seat.taken === 0
    await between()
    if (!isFree) return false
    await lease.confirm()
    seat.taken += 1
    return true
  }
  return { seat, take }
}

it('has a task look again when its lock ran out and went to another before it acted', async () => {
  const pair = aPair()
  await using one = pair.one
  await using other = pair.other
  const { seat, take } = aSeat()
  const loseIt = async () => {
    if (seat.looks > 1) return
    await pair.redis.del(pair.key('a'))
    await other.hold(['a'], soon, take)
  }

  const hasTaken = await one.hold(['a'], soon, (lease) => take(lease, loseIt))

  expect(hasTaken).toBe(false)
  expect(seat.taken).toBe(1)
})

it('takes a lock that ran out unseen again, and does not mind one that runs out after the act', async () => {
  const pair = aPair()
  await using locks = pair.one
  await using _other = pair.other
  const { seat, take } = aSeat()
  const loseIt = async () => void (await pair.redis.del(pair.key('a')))

  const hasTaken = await locks.hold(['a'], soon, async (lease) => {
    const hasTaken = await take(lease, async () => (seat.looks === 1 ? loseIt() : undefined))
    await loseIt()
    return hasTaken
  })

  expect(hasTaken).toBe(true)
  expect(seat).toEqual({ taken: 1, looks: 2 })
})

it('gives up a task whose locks were lost each time, and gives the next a turn all the same', async () => {
  const pair = aPair()
  await using locks = pair.one
  await using _other = pair.other

  const lost = locks.hold(['a'], { waitMs: 100 }, async (lease) => {
    await pair.redis.del(pair.key('a'))
    await lease.confirm()
  })
  const next = locks.hold(['a'], soon, async () => 'held')

  await expect(lost).rejects.toMatchObject({ code: 'LOCK_LOST' })
  expect(await next).toBe('held')
})

it('keeps a lock over 6 s in which Redis is silent', async () => {
  await using silent = await startRedis()
  await using one = createLocks(silent.connect(), { clock: createSystemClock() })
  await using other = createLocks(silent.connect(), { clock: createSystemClock() })
  const { seat, take } = aSeat()
  const waiting: Promise<boolean>[] = []
  const fallSilent = async () => {
    silent.suspend()
    waiting.push(other.hold(['a'], { waitMs: 20_000 }, (lease) => take(lease)))
    void setTimeout(6000).then(() => silent.resume())
  }

  const isFirst = await one.hold(['a'], { waitMs: 20_000 }, (lease) => take(lease, fallSilent))

  expect([isFirst, ...(await Promise.all(waiting))]).toEqual([true, false])
  expect(seat).toEqual({ taken: 1, looks: 2 })
}, 30_000)

it('ends an act in time when Redis is silent while it goes on, and looks again', async () => {
  await using silent = await startRedis()
  await using locks = createLocks(silent.connect(), { clock: createSystemClock(), lifetimeMs: 400 })
  let acts = 0
  let longestMs = 0

  await locks.hold(['a'], soon, async (lease) => {
    const bound = await lease.confirm()
    if ((acts += 1) > 1) return
    const begunMs = performance.now()
    silent.suspend()
    await once(bound, 'abort')
    longestMs = performance.now() - begunMs
    silent.resume()
    throw bound.reason
  })

  expect(acts).toBe(2)
  expect(longestMs).toBeLessThan(400)
})
