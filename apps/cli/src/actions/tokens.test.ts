import type { ApiToken } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { createToken, listTokens, revokeToken } from './tokens.ts'

const aToken = (changes: Partial<ApiToken> = {}): ApiToken => ({
  id: 'abcdefghijkl',
  name: 'nightly',
  owner: 'ada',
  grants: [{ role: 'deployer', applications: ['payments'] }],
  createdAt: '2026-03-01T12:00:00.000Z',
  expiresAt: '2026-03-31T12:00:00.000Z',
  ...changes,
})

test('prints a new token alone on stdout, and until when it is valid on stderr', async () => {
  const created = { ...aToken(), token: 'vsm_secret' }
  await using api = await startFakeApi({ answers: { 'POST /v1/tokens': [201, created] } })
  const { session, output } = aSession(api.url)

  const exit = await createToken('nightly', {
    role: 'deployer',
    application: ['payments'],
    expires: '30d',
    session,
  })

  expect(api.requests[0]!.body).toEqual({
    name: 'nightly',
    grants: [{ role: 'deployer', applications: ['payments'] }],
    expiresIn: '30d',
  })
  expect(output.stdout).toBe('vsm_secret\n')
  expect(output.stderr).toMatch(/^Token nightly expires on 2026-03-31 \d\d:\d\d\. It is not shown again\n$/)
  expect(exit).toBe(0)
})

test('refuses an expiry that is not a duration, before it asks', async () => {
  await using api = await startFakeApi()
  const { session } = aSession(api.url)

  await expect(createToken('nightly', { role: 'viewer', expires: 'soon', session })).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    message: '--expires: "soon" is not a duration, e.g. 12h or 30d',
  })
  expect(api.requests).toEqual([])
})

test('lists tokens with what they may do, and when each expires and was used', async () => {
  const tokens = [aToken(), aToken({ name: 'ci', lastUsedAt: '2026-03-02T12:00:00.000Z' })]
  await using api = await startFakeApi({ answers: { 'GET /v1/tokens': [200, { tokens }] } })
  const { session, output } = aSession(api.url)

  await listTokens(session)

  const lines = output.stdout.split('\n')
  expect(lines[0]).toMatch(/^name +owner +id +expires +last used +grants$/)
  expect(lines[1]).toMatch(/^nightly +ada +abcdefghijkl +2026-03-31 \d\d:\d\d +never +deployer of payments$/)
  expect(lines[2]).toMatch(/^ci .* 2026-03-02 \d\d:\d\d /)
})

test('revokes by name, and asks for an id where several people have that name', async () => {
  const tokens = [
    aToken(),
    aToken({ id: 'mnopqrstuvwx', name: 'ci' }),
    aToken({ id: 'ABCDEFGHIJKL', name: 'ci', owner: 'bob' }),
  ]
  await using api = await startFakeApi({
    answers: { 'GET /v1/tokens': [200, { tokens }], 'DELETE /v1/tokens/abcdefghijkl': [204, undefined] },
  })
  const { session, output } = aSession(api.url)

  await revokeToken('nightly', session)

  expect(output.stderr).toBe('Token nightly of ada is revoked\n')
  await expect(revokeToken('ci', session)).rejects.toMatchObject({
    message: '2 tokens are named ci. Pass an id: mnopqrstuvwx (ada), ABCDEFGHIJKL (bob)',
  })
  await expect(revokeToken('old', session)).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' })
})
