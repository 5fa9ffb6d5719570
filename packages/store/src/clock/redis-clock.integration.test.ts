import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createProcessClock, type ProcessClock } from '@vesemir/testing/process-clock'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { createRedisClock } from './redis-clock.ts'

const hourMs = 3_600_000

let folder: string
let ofRedis: ProcessClock
let server: RedisServer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-clock-'))
  ofRedis = await createProcessClock(folder, { aheadSeconds: 3600 })
  server = await startRedis({ env: ofRedis.env })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** By how much a clock is ahead of this machine's, in milliseconds. */
const aheadMs = (clock: { now(): number }) => clock.now() - Date.now()

it('shows the time of Redis, whatever this machine shows', async () => {
  using clock = createRedisClock(server.connect())

  await clock.ready

  expect(Math.abs(aheadMs(clock) - hourMs)).toBeLessThan(100)
})

it('is the same for two processes to within the time that a command takes', async () => {
  using one = createRedisClock(server.connect())
  using other = createRedisClock(server.connect())

  await Promise.all([one.ready, other.ready])

  expect(Math.abs(one.now() - other.now())).toBeLessThan(100)
})

it('follows when the time of Redis is set, and no stopwatch does', async () => {
  using clock = createRedisClock(server.connect(), { intervalMs: 20 })
  await clock.ready
  const elapsedMs = clock.startStopwatch()
  const began = performance.now()

  await ofRedis.setAhead(3480)
  await vi.waitFor(() => expect(Math.abs(aheadMs(clock) - 3_480_000)).toBeLessThan(100), { timeout: 10_000 })
  await ofRedis.setAhead(3600)
  await vi.waitFor(() => expect(Math.abs(aheadMs(clock) - hourMs)).toBeLessThan(100), { timeout: 10_000 })

  expect(Math.abs(elapsedMs() - (performance.now() - began))).toBeLessThan(2)
})

it('does not step where Redis did not', async () => {
  using clock = createRedisClock(server.connect(), { intervalMs: 1 })
  await clock.ready
  const [fromMs, elapsedMs] = [clock.now(), clock.startStopwatch()]

  const drifts = []
  for (let looks = 0; looks < 100; looks += 1) {
    await setTimeout(2)
    drifts.push(Math.abs(clock.now() - fromMs - elapsedMs()))
  }

  expect(Math.max(...drifts)).toBeLessThan(20)
})

it('goes on while Redis is away, and is ready without it', async () => {
  const gone = await startRedis({ env: ofRedis.env })
  const redis = gone.connect({ maxRetriesPerRequest: 0 }).on('error', () => {})
  using clock = createRedisClock(redis, { intervalMs: 10 })
  await clock.ready
  await gone[Symbol.asyncDispose]()
  using never = createRedisClock(redis)
  await never.ready

  const fromMs = clock.now()
  await vi.waitUntil(() => clock.now() > fromMs)

  expect(Math.abs(aheadMs(clock) - hourMs)).toBeLessThan(100)
  expect(Math.abs(aheadMs(never))).toBeLessThan(100)
})
