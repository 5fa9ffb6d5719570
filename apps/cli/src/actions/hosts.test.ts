import { expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { listHosts } from './hosts.ts'

const host = {
  host: 'web-1',
  environment: 'production',
  release: '2.0.0-ab12',
  version: '2.0.0',
  deployment: 'd-42',
  at: '2026-03-01T15:04:00.000Z',
  traffic: 'restored',
}

test('shows the hosts of one environment', async () => {
  const path = '/v1/applications/payments/hosts?environment=production'
  await using api = await startFakeApi({ answers: { [`GET ${path}`]: [200, { hosts: [host] }] } })
  const { session, output } = aSession(api.url)

  const exit = await listHosts('payments', { environment: 'production', session })

  expect(output.stdout).toMatch(/\nweb-1 {2}production {3}2\.0\.0 {4}2\.0\.0-ab12 .* d-42 {2}restored\n$/)
  expect(exit).toBe(0)
})

test('says how to deploy when nothing was', async () => {
  await using api = await startFakeApi({ answers: { 'GET /v1/applications/payments/hosts': [200, { hosts: [] }] } })
  const people = aSession(api.url)
  const programs = aSession(api.url, { json: true })

  await listHosts('payments', { session: people.session })
  await listHosts('payments', { session: programs.session })

  expect(people.output.stderr).toBe(
    'No hosts found. Deploy payments: vesemir deploy payments -e ENVIRONMENT --version VERSION\n',
  )
  expect(JSON.parse(programs.output.stdout)).toEqual({ hosts: [] })
})
