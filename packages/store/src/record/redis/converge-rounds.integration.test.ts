import type { ConvergeRound } from '@vesemir/contract'
import { createSystemClock } from '@vesemir/process/clock'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testSeals } from '../../seal/testing.ts'
import { createRecords } from '../index.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const place = { application: 'payments', environment: 'production' }
const roundAt = (at: string): ConvergeRound => ({ at, outcome: 'started' })
const open = (prefix: string) =>
  createRecords(server.connect(), { clock: createSystemClock(), seals: testSeals().both, prefix })

it('a round that took so long that another process has begun the next does not overwrite that', async () => {
  const prefix = randomUUID()
  await using slow = open(prefix)
  await using quick = open(prefix)
  const begun = (await slow.convergeRounds.begin(place, () => roundAt('2026-03-01T10:00:00.000Z')))!
  const next = (await quick.convergeRounds.begin(place, () => roundAt('2026-03-01T10:15:00.000Z')))!

  const isKept = await slow.convergeRounds.end(place, { begun, ended: { ...begun, outcome: 'skipped' } })

  expect(isKept).toBe(false)
  expect(await slow.convergeRounds.read(place)).toEqual(next)
  const ended: ConvergeRound = { ...next, outcome: 'nothing-behind', text: 'nothing is behind 1.4.2' }
  expect(await quick.convergeRounds.end(place, { begun: next, ended })).toBe(true)
  expect(await quick.convergeRounds.read(place)).toEqual(ended)
})
