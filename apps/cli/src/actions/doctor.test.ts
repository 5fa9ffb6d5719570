import { expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { closedUrl } from '../testing/closed-url.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { examine } from './doctor.ts'

const me: [number, unknown] = [200, { name: 'ada', role: 'admin', grants: [{ role: 'admin' }] }]
const redis = { name: 'redis', target: 'redis://127.0.0.1:6379', ok: true, detail: 'answers in 1ms' }
const ssh = {
  name: 'ssh',
  target: 'web-1',
  ok: false,
  detail: 'connection refused',
  hint: 'Check that the host is up.',
}

test('lists the checks and how to fix a failed one: exit 1', async () => {
  await using api = await startFakeApi({
    answers: { 'GET /v1/session': me, 'GET /v1/doctor?cluster=gcp-eu': [200, { checks: [redis, ssh] }] },
  })
  const { session, output } = aSession(api.url)

  const exit = await examine({ cluster: 'gcp-eu', session })

  const width = Math.max(api.url.length, redis.target.length)
  expect(output.stdout.split('\n')).toEqual([
    `✓ api    ${api.url.padEnd(width)}  ok: signed in as ada (admin)`,
    `✓ redis  ${redis.target.padEnd(width)}  answers in 1ms`,
    `✗ ssh    ${'web-1'.padEnd(width)}  connection refused`,
    '  → Check that the host is up.',
    '',
    '1 of 3 checks failed',
    '',
  ])
  expect(exit).toBe(1)
})

test('exits with 0 when all checks passed', async () => {
  await using api = await startFakeApi({
    answers: { 'GET /v1/session': me, 'GET /v1/doctor': [200, { checks: [redis] }] },
  })
  const { session, output } = aSession(api.url, { json: true })

  const exit = await examine({ session })

  expect(JSON.parse(output.stdout)).toMatchObject({ checks: [{ name: 'api', ok: true }, redis] })
  expect(exit).toBe(0)
})

test('says that the API is not there, and asks no further: exit 7', async () => {
  const url = await closedUrl()
  const { session, output } = aSession(url)

  const exit = await examine({ session })

  expect(output.stdout).toContain(`✗ api  ${url}  no answer from ${url}: connect ECONNREFUSED`)
  expect(output.stdout).toContain('  → Check --url (VESEMIR_URL) and that the API is running.\n')
  expect(exit).toBe(7)
})

test('says that the token is not good: exit 4', async () => {
  const problem = { type: 'about:blank', title: 'No', status: 401, detail: 'no token', code: 'UNAUTHENTICATED' }
  await using api = await startFakeApi({ answers: { 'GET /v1/session': [401, problem] } })
  const { session, output } = aSession(api.url)

  const exit = await examine({ session })

  expect(output.stdout).toContain('  → Pass a valid token: VESEMIR_TOKEN or --token.\n')
  expect(exit).toBe(4)
})
