import { expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { listLocks, lock, unlock } from './locks.ts'

const place = { application: 'payments', environment: 'production' }
const held = { ...place, reason: 'sale', by: 'ada', at: '2026-03-01T15:04:00.000Z' }
const path = '/v1/locks/payments/production'

test('locks with a reason, and says how to unlock', async () => {
  await using api = await startFakeApi({ answers: { [`PUT ${path}`]: [200, held] } })
  const { session, output } = aSession(api.url)

  const exit = await lock(place, { reason: 'sale', session })

  expect(api.requests).toEqual([{ method: 'PUT', path, body: { reason: 'sale' } }])
  expect(output.stderr).toBe('payments in production is locked. Unlock it: vesemir unlock payments -e production\n')
  expect(exit).toBe(0)
})

test('unlocks', async () => {
  await using api = await startFakeApi({ answers: { [`DELETE ${path}`]: [200, { locks: [] }] } })
  const { session, output } = aSession(api.url)

  await unlock(place, session)

  expect(output.stderr).toBe('payments in production is unlocked\n')
})

test('lists locks, with who set each and why', async () => {
  await using api = await startFakeApi({ answers: { 'GET /v1/locks': [200, { locks: [held] }] } })
  const people = aSession(api.url)
  const programs = aSession(api.url, { json: true })

  await listLocks(people.session)
  await listLocks(programs.session)

  expect(people.output.stdout.split('\n')[1]).toMatch(/^payments {5}production {3}2026-03-01 \d\d:\d\d {2}ada {2}sale$/)
  expect(JSON.parse(programs.output.stdout)).toEqual({ locks: [held] })
})
