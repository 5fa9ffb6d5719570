import { randomUUID } from 'node:crypto'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPresence } from './presence.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const startMs = Date.parse('2026-11-29T12:00:00Z')
const hourMs = 3_600_000

function aPresence() {
  const redis = server.connect()
  const prefix = randomUUID()
  let nowMs = startMs
  const invalid: string[] = []
  const presence = createPresence(redis, {
    prefix,
    clock: { now: () => nowMs },
    onInvalid: ({ message }) => invalid.push(message),
  })
  return { redis, key: `${prefix}:workers`, presence, invalid, pass: (ms: number) => (nowMs += ms) }
}

const report = (name: string) => ({
  name,
  version: '1.0.0',
  startedAt: new Date(startMs).toISOString(),
  takesJobs: true,
  load: [{ cluster: 'eu', deployments: 0, maxDeployments: 20, hosts: 0, maxHosts: 50 }],
  jobs: [],
})

it('lists workers by name as they last reported themselves', async () => {
  const { presence, pass } = aPresence()
  await presence.report(report('w2'))
  await presence.report(report('w1'))
  pass(2000)
  await presence.report({ ...report('w1'), takesJobs: false })

  expect(await presence.list()).toMatchObject([
    { report: { name: 'w1', takesJobs: false, seenAt: '2026-11-29T12:00:02.000Z' } },
    { report: { name: 'w2', takesJobs: true, seenAt: '2026-11-29T12:00:00.000Z' } },
  ])
})

it('answers a report with who drains the worker, until it is resumed or stops', async () => {
  const { presence } = aPresence()
  const drain = { by: 'ada', reason: 'new kernel', at: '2026-11-29T12:00:00.000Z' }
  expect(await presence.report(report('w1'))).toBeUndefined()

  await presence.drain('w1', { by: 'ada', reason: 'new kernel' })
  expect(await presence.report(report('w1'))).toEqual(drain)
  expect(await presence.list()).toMatchObject([{ drain }])
  await presence.resume('w1')
  expect(await presence.report(report('w1'))).toBeUndefined()
  await presence.drain('w1', { by: 'ada' })
  await presence.leave('w1')

  expect(await presence.list()).toEqual([])
  expect(await presence.report(report('w1'))).toBeUndefined()
})

it('forgets after a day a worker that ended without a word', async () => {
  const { redis, key, presence, pass } = aPresence()
  await presence.report(report('w1'))

  pass(24 * hourMs)
  expect(await presence.list()).toHaveLength(1)
  pass(1)
  expect(await presence.list()).toEqual([])
  expect(await redis.hlen(key)).toBe(0)
})

it('leaves out what is no report, and says so', async () => {
  const { redis, key, presence, invalid } = aPresence()
  await presence.report(report('w1'))
  await redis.hset(key, 'w2', '{"name":"w2"}')

  expect(await presence.list()).toMatchObject([{ report: { name: 'w1' } }])
  expect(invalid).toEqual([expect.stringMatching(/^the report of worker w2 in Redis is invalid/)])
})
