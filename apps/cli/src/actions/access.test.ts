import { expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { explainAccess, showCaller } from './access.ts'

const grants = [{ role: 'deployer', teams: ['core'], environments: ['production', 'test-*'] }, { role: 'viewer' }]
const question = { action: 'deploy', application: 'payments', environment: 'production' }
const path = '/v1/session/access?action=deploy&application=payments&environment=production'

test('shows who asks, and each grant in words', async () => {
  await using api = await startFakeApi({
    answers: { 'GET /v1/session': [200, { name: 'ada', role: 'deployer', grants }] },
  })
  const { session, output } = aSession(api.url)

  const exit = await showCaller(session)

  expect(output.stdout).toBe('ada\n  deployer of team core in production, test-*\n  viewer of everything\n')
  expect(exit).toBe(0)
})

test.each([
  [true, 'yes: you may\n', 0],
  [false, 'no: you may\n', 4],
])('explains a decision, and exits by it: %s', async (isAllowed, text, exitCode) => {
  const answers = { [`GET ${path}`]: [200, { ...question, isAllowed, reason: 'you may' }] as [number, unknown] }
  await using api = await startFakeApi({ answers })
  const { session, output } = aSession(api.url)

  const exit = await explainAccess(question, session)

  expect({ exit, stdout: output.stdout }).toEqual({ exit: exitCode, stdout: text })
})
