import { expect, test } from 'vitest'
import { formatDuration, formatElapsed, formatEstimate } from './duration.ts'
import { formatAge } from './moment.ts'

test.each([
  [-5, '0ms', '0s'],
  [240, '240ms', '0s'],
  [999, '999ms', '0s'],
  [4160, '4.1s', '4s'],
  [9_999, '9.9s', '9s'],
  [59_999, '59s', '59s'],
  [192_000, '3m 12s', '3m 12s'],
  [7_500_000, '2h 05m', '2h 05m'],
])('formats %i ms, as measured and as still running', (ms, measured, running) => {
  expect([formatDuration(ms), formatElapsed(ms)]).toEqual([measured, running])
})

test('estimates without seconds', () => {
  expect([40_000, 70_000, 600_000, 7_200_000].map(formatEstimate)).toEqual([
    'less than a minute',
    'about a minute',
    'about 10 minutes',
    'about 2 hours',
  ])
})

test('formats how long ago something was', () => {
  const nowMs = Date.parse('2026-03-10T12:00:00.000Z')
  const age = (at: string) => formatAge(at, nowMs)

  expect(age('2026-03-10T11:59:40.000Z')).toBe('just now')
  expect(age('2026-03-10T11:15:00.000Z')).toBe('45 min ago')
  expect(age('2026-03-10T03:00:00.000Z')).toBe('9 h ago')
  expect(age('2026-03-09T03:00:00.000Z')).toBe('yesterday')
  expect(age('2026-03-01T03:00:00.000Z')).toBe('9 days ago')
})
