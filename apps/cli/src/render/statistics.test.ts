import { expect, it } from 'vitest'
import { sparkline, statisticsLines } from './statistics.ts'

const summary = {
  deployments: 4,
  succeeded: 3,
  failed: 1,
  cancelled: 0,
  rolledBack: 0,
  failureRate: 0.25,
  leadTime: { count: 2, p50Ms: 7_200_000, p90Ms: 8_000_000 },
  steps: { verify: { count: 12, p50Ms: 4100, p90Ms: 9000 } },
}
const time = '2026-03-01T00:00:00.000Z'

it('shows a line for each place and for each step', () => {
  const places = [{ application: 'shop', environment: 'production', ...summary }]
  const weeks = [
    { from: time, ...summary },
    { from: time, ...summary, deployments: 0, steps: {} },
  ]

  const lines = statisticsLines({ from: time, to: '2026-03-15T00:00:00.000Z', total: summary, places, weeks })

  const texts = lines.map((line) => line.map((span) => (typeof span === 'string' ? span : span.text)).join(''))
  expect(texts).toEqual([
    'application  environment  deployments  per week  failed  lead time  time to restore',
    'shop         production   4            2.0       25%     2h 00m     ',
    '',
    'Deployments by week: █▁',
    '',
    'step    p50   p90   hosts  p50 by week',
    'verify  4.1s  9.0s  12     █·',
  ])
})

it('draws values as high as they are, and a dot where there is none', () => {
  expect(sparkline([0, 5, undefined, 10])).toBe('▁▅·█')
})
