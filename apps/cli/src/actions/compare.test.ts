import { queued, viewOf } from '@vesemir/core/testing'
import { expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { showComparison } from './compare.ts'

test('compares a deployment with the newest, as JSON', async () => {
  const newest = viewOf(queued({ version: '2.1.0' }))
  const earlier = viewOf({ ...queued({ version: '2.0.0' }), id: 'd-41' })
  const answers: Record<string, [number, unknown]> = {
    'GET /v1/deployments?limit=1': [200, { deployments: [newest.deployment] }],
    'GET /v1/deployments/d-42': [200, newest],
    'GET /v1/deployments/d-41': [200, earlier],
  }
  await using api = await startFakeApi({ answers })
  const { session, output } = aSession(api.url, { json: true })

  await showComparison(['d-41', 'latest'], session)

  expect(JSON.parse(output.stdout)).toMatchObject({
    first: { id: 'd-41', version: '2.0.0' },
    second: { id: 'd-42', version: '2.1.0' },
    settings: [],
    hosts: [],
  })
})
