import { expect, test } from 'vitest'
import { formatDuration, roughDuration, shortDuration, timeAgo, wholeSeconds } from './time.ts'

test.each([
  [240, '240 ms', '240ms', '0s'],
  [4160, '4.1 s', '4.1s', '4s'],
  [41_900, '41 s', '41s', '41s'],
  [192_000, '3 min 12 s', '3m12s', '3m12s'],
  [7_500_000, '2 h 05 min', '2h05m', '2h05m'],
  [-5, '0 ms', '0ms', '0s'],
])('says %i ms as people do', (ms, long, short, whole) => {
  expect([formatDuration(ms), shortDuration(ms), wholeSeconds(ms)]).toEqual([long, short, whole])
})

test('promises nothing to the second', () => {
  expect([40_000, 70_000, 600_000, 7_200_000].map(roughDuration)).toEqual([
    'less than a minute',
    'about a minute',
    'about 10 minutes',
    'about 2 hours',
  ])
})

test('says how long ago something was', () => {
  const nowMs = Date.parse('2026-03-10T12:00:00.000Z')
  const ago = (at: string) => timeAgo(at, nowMs)

  expect(ago('2026-03-10T11:59:40.000Z')).toBe('just now')
  expect(ago('2026-03-10T11:15:00.000Z')).toBe('45 min ago')
  expect(ago('2026-03-10T03:00:00.000Z')).toBe('9 h ago')
  expect(ago('2026-03-09T03:00:00.000Z')).toBe('yesterday')
  expect(ago('2026-03-01T03:00:00.000Z')).toBe('9 days ago')
})
