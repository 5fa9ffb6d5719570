import { expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { queued, viewOf } from '@vesemir/core/testing'
import { pageOf } from './page.ts'
import { showStatus } from './status.ts'

const none = { deployments: [] }

test.each([
  ['https://vesemir.example', undefined, 'https://vesemir.example/'],
  ['https://vesemir.example/', 'd-42', 'https://vesemir.example/deployments/d-42'],
])('the page at %s of %s is %s', (url, id, page) => {
  expect(pageOf(url, id)).toBe(page)
})

test('latest is the newest deployment, whose page is named', async () => {
  const view = viewOf(queued())
  const { id } = view.deployment
  const answers: Record<string, [number, unknown]> = {
    'GET /v1/deployments?limit=1': [200, { deployments: [view.deployment] }],
    [`GET /v1/deployments/${id}`]: [200, view],
  }
  await using api = await startFakeApi({ answers })
  const { session, output } = aSession(api.url)

  await showStatus('latest', { session })

  expect(output.stdout.split('\n').slice(0, 3)).toEqual([
    expect.stringMatching(`^${id} `),
    expect.stringMatching(/^requested by /),
    `${api.url}/deployments/${id}`,
  ])
})

test('latest of none is said to be missing', async () => {
  await using api = await startFakeApi({ answers: { 'GET /v1/deployments?limit=1': [200, none] } })

  await expect(showStatus('latest', { session: aSession(api.url).session })).rejects.toMatchObject({
    code: 'DEPLOYMENT_UNKNOWN',
    message: 'no deployments found',
  })
})
