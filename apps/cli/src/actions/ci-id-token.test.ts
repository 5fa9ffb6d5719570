import { expect, test } from 'vitest'
import { startFakeApi } from '../testing/fake-api.ts'
import { findCiIdToken } from './ci-id-token.ts'

const audience = 'https://vesemir.example'
const path = '/token?run=1&audience=https%3A%2F%2Fvesemir.example'

test('requests an ID token from GitHub Actions for the audience', async () => {
  await using github = await startFakeApi({ answers: { [`GET ${path}`]: [200, { value: 'an.id.token' }] } })
  const env = { ACTIONS_ID_TOKEN_REQUEST_URL: `${github.url}/token?run=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret' }

  expect(await findCiIdToken(audience, env)).toBe('an.id.token')
  await expect(findCiIdToken('other', env)).rejects.toMatchObject({ code: 'ID_TOKEN_REFUSED' })
})

test('takes the ID token that the job was given, and says what to set where there is none', async () => {
  expect(await findCiIdToken(audience, { VESEMIR_ID_TOKEN: 'an.id.token' })).toBe('an.id.token')
  await expect(findCiIdToken(audience, {})).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('id-token: write'),
  })
})
