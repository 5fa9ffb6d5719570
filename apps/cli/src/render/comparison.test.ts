import { compareDeployments } from '@vesemir/core'
import { done, failed, planned, queued, viewOf } from '@vesemir/core/testing'
import { expect, test } from 'vitest'
import { comparisonLines } from './comparison.ts'
import { paint } from './paint.ts'

const text = (...views: Parameters<typeof compareDeployments>) =>
  comparisonLines(compareDeployments(...views), { timeZone: 'UTC' }).map((line) =>
    paint(line, { colours: false }).trimEnd(),
  )

const view = viewOf(
  { ...queued({ version: '1.9.0', concurrency: 1 }), id: 'd-41' },
  planned(['web-1', 'web-2']),
  ...done('web-1', 3900),
  ...done('web-2', 3900),
  { type: 'deployment.ended', outcome: 'succeeded' },
)

test('shows two deployments side by side, and what differs', () => {
  const next = viewOf(
    queued({ reason: 'hotfix', concurrency: '50%', acceptLowCapacity: true, hosts: { tags: ['web'] } }),
    planned(['web-1', 'web-3']),
    ...failed('web-1'),
    ...done('web-3', 65_000),
  )

  expect(text(view, next)).toEqual([
    'deployment   d-41              d-42',
    'application  payments          payments',
    'environment  production        production',
    'version      1.9.0             2.0.0',
    'release      2.0.0-ab12        2.0.0-ab12',
    'status       succeeded         running',
    'by           ada               ada',
    'requested    2026-03-01 15:04  2026-03-01 15:04',
    'took         10s',
    'reason                         hotfix',
    '',
    'setting            d-41     d-42',
    'acceptLowCapacity  false    true',
    'concurrency        1        50%',
    'hosts.tags         not set  ["web"]',
    '',
    'host   d-41          d-42',
    'web-1  succeeded     failed (HEALTH_CHECK_FAILED)',
    'web-2  succeeded     not deployed',
    'web-3  not deployed  succeeded',
    '',
    'step, median of hosts  d-41  d-42    difference',
    'deploy                 3.9s  1m 05s  +1m 01s',
  ])
})

test('says where nothing differs', () => {
  const waiting = viewOf(queued())

  expect(text(waiting, waiting).slice(-7)).toEqual([
    'requested    2026-03-01 15:04  2026-03-01 15:04',
    '',
    'No settings differ.',
    '',
    'No outcomes of hosts differ.',
    '',
    'No steps have succeeded.',
  ])
})
