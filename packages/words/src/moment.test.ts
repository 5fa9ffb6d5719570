import { afterEach, expect, test } from 'vitest'
import { describeTimeZone } from './moment.ts'

const zone = process.env.TZ
afterEach(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

test.each([
  ['UTC', '2026-01-15', 'UTC'],
  ['Europe/Prague', '2026-01-15', 'Europe/Prague (UTC+1)'],
  ['Europe/Prague', '2026-07-15', 'Europe/Prague (UTC+2)'],
  ['Europe/London', '2026-01-15', 'Europe/London (UTC)'],
  ['America/St_Johns', '2026-01-15', 'America/St_Johns (UTC-3:30)'],
])('describes the time zone %s on %s', (timeZone, day, expected) => {
  process.env.TZ = timeZone

  expect(describeTimeZone(new Date(`${day}T12:00:00Z`))).toBe(expected)
})
