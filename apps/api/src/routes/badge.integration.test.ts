import { resolveSpec } from '@vesemir/core'
import { DeploymentRequest, type Problem } from '@vesemir/contract'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { anApplication, bearer, startApi, type TestApi } from '../testing/start-api.ts'
import { startTwoTeams, tokenFor } from '../testing/two-teams.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const url = '/v1/applications/payments/environments/production/badge.svg'
const titleOf = (svg: string) => /<title>(.*?)<\/title>/.exec(svg)?.[1]

async function read(api: TestApi, headers: Record<string, string> = {}) {
  return api.app.inject({ url, headers: { ...bearer('viewer'), ...headers } })
}

it('shows what runs and what happens, and is sent again only when that has changed', async () => {
  await using api = await startApi(server)
  await api.records.applications.put(anApplication())
  const before = await read(api)
  const order = DeploymentRequest.parse({ application: 'payments', environment: 'production', version: '1.4.2' })
  const spec = resolveSpec(order, { application: anApplication(), clusters: ['eu'] })
  await api.records.deployments.create({ spec, requestedBy: 'ada' })
  await api.records.applicationLocks.put({ ...order, by: 'ada', reason: 'a sale' })

  const after = await read(api, { 'if-none-match': before.headers.etag! })
  const same = await read(api, { 'if-none-match': after.headers.etag! })

  expect(titleOf(before.body)).toBe('payments production: not deployed')
  expect(titleOf(after.body)).toBe('payments production: not deployed · 1.4.2 queued · locked')
  expect([after.statusCode, same.statusCode, same.body]).toEqual([200, 304, ''])
  expect(after.headers).toMatchObject({
    'content-type': 'image/svg+xml; charset=utf-8',
    'cache-control': 'private, max-age=30',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'cross-origin-resource-policy': 'same-site',
    vary: expect.stringContaining('cookie'),
  })
})

it('is of no environment that does not exist, and of none that the caller may not see', async () => {
  const people = { ada: [{ role: 'viewer' as const, applications: ['payments'], environments: ['test'] }] }
  await using api = await startTwoTeams(server, { people, clusters: ['eu'] })
  const ask = async (environment: string) =>
    api.app.inject({
      url: `/v1/applications/payments/environments/${environment}/badge.svg`,
      headers: { authorization: `Bearer ${tokenFor('ada')}` },
    })

  const [unseen, missing] = [await ask('production'), await ask('staging')]

  expect([unseen.statusCode, missing.statusCode]).toEqual([404, 404])
  expect(unseen.json<Problem>().detail).toBe(missing.json<Problem>().detail.replace('staging', 'production'))
})
