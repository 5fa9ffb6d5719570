import { expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { forgetHost, listHosts } from './hosts.ts'

const host = {
  host: 'web-1',
  environment: 'production',
  inInventory: true,
  runs: { release: '2.0.0-ab12', version: '2.0.0', deployment: 'd-42', at: '2026-03-01T15:04:00.000Z' },
  traffic: 'restored',
}

test('shows the hosts of one environment', async () => {
  const path = '/v1/applications/payments/hosts?environment=production&inventory=true'
  await using api = await startFakeApi({ answers: { [`GET ${path}`]: [200, { hosts: [host], failures: [] }] } })
  const { session, output } = aSession(api.url)

  const exit = await listHosts('payments', { environment: 'production', session })

  expect(output.stdout).toMatch(/\nweb-1 {2}production {3}yes {8}2\.0\.0 {4}2\.0\.0-ab12 .* d-42 {2}restored\n$/)
  expect(exit).toBe(0)
})

test('says on what schedule hosts that are behind get what should run', async () => {
  const schedules = [
    { environment: 'production', every: '15m', by: 'ada' },
    { environment: 'staging', every: '1h', by: 'ada' },
  ]
  await using api = await startFakeApi({
    answers: {
      'GET /v1/applications/payments/hosts?environment=production&inventory=true': [
        200,
        { hosts: [host], failures: [] },
      ],
      'GET /v1/applications/payments/schedules': [200, { schedules }],
    },
  })
  const { session, output } = aSession(api.url)

  await listHosts('payments', { environment: 'production', session })

  expect(output.stderr).toBe('production converges every 15m, in the name of ada; first round in a few seconds\n')
})

test('says how to deploy when nothing was', async () => {
  await using api = await startFakeApi({
    answers: { 'GET /v1/applications/payments/hosts?inventory=true': [200, { hosts: [], failures: [] }] },
  })
  const people = aSession(api.url)
  const programs = aSession(api.url, { json: true })

  await listHosts('payments', { session: people.session })
  await listHosts('payments', { session: programs.session })

  expect(people.output.stderr).toBe(
    'No hosts found. Deploy payments: vesemir deploy payments -e ENVIRONMENT --version VERSION\n',
  )
  expect(JSON.parse(programs.output.stdout)).toEqual({ hosts: [], failures: [] })
})

test('names an inventory that did not answer, and says how to forget a host that has left', async () => {
  const failure = { code: 'INVENTORY_UNREACHABLE', message: 'chef.test does not answer' }
  const answer = { hosts: [{ ...host, inInventory: false }], failures: [{ environment: 'staging', failure }] }
  await using api = await startFakeApi({
    answers: { 'GET /v1/applications/payments/hosts?inventory=true': [200, answer] },
  })
  const { session, output } = aSession(api.url)

  await listHosts('payments', { session })

  expect(output.stderr).toBe(
    'staging: the inventory did not answer: chef.test does not answer\n' +
      'web-1 has left the inventory. Forget it: vesemir forget payments web-1 -e production\n',
  )
})

test('forgets a host', async () => {
  const path = '/v1/applications/payments/environments/production/hosts/web-9'
  await using api = await startFakeApi({ answers: { [`DELETE ${path}`]: [204, undefined] } })
  const { session, output } = aSession(api.url)

  const exit = await forgetHost({ application: 'payments', environment: 'production', host: 'web-9' }, session)

  expect(exit).toBe(0)
  expect(output.stderr).toBe('web-9 forgotten for payments in production\n')
})
