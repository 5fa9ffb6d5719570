import { expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { showBadge } from './badge.ts'

const place = { application: 'payments', environment: 'production' }
const seen = { ...place, drifted: [], outOfRotation: [], ongoing: [], promotions: [], versions: [] }
const answers = {
  'GET /v1/overview': [200, { needs: [], ongoing: [], places: [seen] }] satisfies [number, unknown],
}

test('shows the address of a badge and its Markdown, and says who sees it', async () => {
  await using api = await startFakeApi({ answers })
  const { session, output } = aSession(api.url)

  await showBadge(place, session)

  const badge = `${api.url}/v1/applications/payments/environments/production/badge.svg`
  const page = `${api.url}/applications/payments?environment=production`
  expect(output.stdout).toBe(`${badge}\n[![payments in production](${badge})](${page})\n`)
  expect(output.stderr).toBe(
    `On pages of the same site, people who are signed in to Vesemir and may read payments in production see the badge.
To show it to everyone, publish a copy: ${api.url}/help/how-to/badge
`,
  )
})

test('writes both as JSON', async () => {
  await using api = await startFakeApi({ answers })
  const { session, output } = aSession(api.url, { json: true })

  await showBadge(place, session)

  expect(JSON.parse(output.stdout)).toEqual({
    url: `${api.url}/v1/applications/payments/environments/production/badge.svg`,
    markdown: expect.stringMatching(/^\[!\[payments in production\]\(http/) as string,
  })
  expect(output.stderr).toBe('')
})

test('refuses an environment that the caller does not see', async () => {
  await using api = await startFakeApi({ answers })

  await expect(showBadge({ ...place, environment: 'prod' }, aSession(api.url).session)).rejects.toMatchObject({
    code: 'APPLICATION_UNKNOWN',
    message: 'application payments not found in prod',
  })
})
