import type { BalancerFinding } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { aServer } from '../testing/story.ts'
import { examineBalancers } from './load-balancers.ts'

const leftOut: BalancerFinding = {
  server: { box: 'lb1', backend: 'payments', server: 'web-1' },
  deployment: 'd-42',
  host: 'web-1',
  notedAt: '2026-03-01T15:04:00.000Z',
  state: aServer({ admin: 'drain' }),
  verdict: 'left-out',
  action: 'restorable',
}
const changed: BalancerFinding = {
  ...leftOut,
  server: { ...leftOut.server, box: 'lb2' },
  state: undefined,
  verdict: 'changed',
  action: 'none',
  detail: 'it is in maint, and Vesemir had drained it',
}
const post = 'POST /v1/load-balancers/doctor'

test('says what was left out, and what --fix would do: exit 1', async () => {
  await using api = await startFakeApi({ answers: { [post]: [200, { servers: [leftOut, changed] }] } })
  const { session, output } = aSession(api.url)

  const exit = await examineBalancers({ cluster: 'gcp-eu', application: 'payments', session })

  expect(api.requests[0]!.body).toEqual({ cluster: 'gcp-eu', application: 'payments', fix: false })
  expect(output.stdout.split('\n').map(cells)).toEqual([
    ['server', 'host', 'now', 'taken out by', 'at', 'verdict', 'done'],
    [
      'lb1/payments/web-1',
      'web-1',
      'DRAIN',
      'd-42',
      expect.any(String),
      'left out by Vesemir',
      'restorable with --fix',
    ],
    [
      'lb2/payments/web-1',
      'web-1',
      'unknown',
      'd-42',
      expect.any(String),
      'changed by someone else',
      'nothing: it is in maint, and Vesemir had drained it',
    ],
    [''],
  ])
  expect(output.stderr).toContain('run the command again with --fix')
  expect(exit).toBe(1)
})

test('restores servers with --fix: exit 0', async () => {
  await using api = await startFakeApi({
    answers: { [post]: [200, { servers: [{ ...leftOut, action: 'restored' }] }] },
  })
  const { session, output } = aSession(api.url, { json: true })

  const exit = await examineBalancers({ cluster: 'gcp-eu', fix: true, session })

  expect(api.requests[0]!.body).toEqual({ cluster: 'gcp-eu', fix: true })
  expect(JSON.parse(output.stdout)).toMatchObject({ servers: [{ action: 'restored' }] })
  expect(exit).toBe(0)
})

test('says that nothing is left out', async () => {
  await using api = await startFakeApi({ answers: { [post]: [200, { servers: [] }] } })
  const { session, output } = aSession(api.url)

  const exit = await examineBalancers({ cluster: 'gcp-eu', session })

  expect(output).toEqual({ stdout: '', stderr: 'Vesemir left no servers out of rotation in gcp-eu\n' })
  expect(exit).toBe(0)
})

function cells(line: string): string[] {
  return line.split(/ {2,}/)
}
