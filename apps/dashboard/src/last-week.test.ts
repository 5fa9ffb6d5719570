import { expect, test } from 'vitest'
import { lastWeek } from './last-week.ts'

test.each([
  ['a Monday', new Date(2026, 10, 30, 0, 5), '2026-11-23', '2026-11-29'],
  ['a Sunday', new Date(2026, 10, 29, 23, 55), '2026-11-16', '2026-11-22'],
  ['the first days of a year', new Date(2027, 0, 2), '2026-12-21', '2026-12-27'],
])('last week, seen on %s, is from Monday to Sunday', (_, now, since, until) => {
  expect(lastWeek(now)).toEqual({ since, until })
})
