import { Freeze } from '@vesemir/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatZoned, freezeAt, nextFreeze } from './freezes.ts'

const weekend: Freeze = { from: 'Fri 16:00', to: 'Mon 08:00', timeZone: 'Europe/Berlin', reason: 'weekend' }
const holidays: Freeze = {
  from: '2026-12-20 00:00',
  to: '2027-01-04 08:00',
  timeZone: 'Europe/Berlin',
  reason: 'holidays',
}

test.each([
  ['2026-11-27T14:59:00Z', undefined],
  ['2026-11-27T15:00:00Z', '2026-11-30T07:00:00.000Z'],
  ['2026-11-29T23:00:00Z', '2026-11-30T07:00:00.000Z'],
  ['2026-11-30T06:59:59Z', '2026-11-30T07:00:00.000Z'],
  ['2026-11-30T07:00:00Z', undefined],
  // Clocks go back by an hour on this weekend, and forward on the other.
  ['2026-10-23T14:00:00Z', '2026-10-26T07:00:00.000Z'],
  ['2026-03-27T15:00:00Z', '2026-03-30T06:00:00.000Z'],
  ['2026-12-19T12:00:00Z', '2027-01-04T07:00:00.000Z'],
  ['2026-12-23T12:00:00Z', '2027-01-04T07:00:00.000Z'],
])('at %s the freezes end at %s', (now, end) => {
  const frozen = freezeAt([weekend, holidays], Date.parse(now))

  expect(frozen && new Date(frozen.toMs).toISOString()).toBe(end)
})

test('a freeze is known before it begins, and its moments are shown by its own clocks', () => {
  const nowMs = Date.parse('2026-11-26T12:00:00Z')

  const next = nextFreeze([holidays, weekend], { nowMs, withinMs: 2 * 86_400_000 })

  expect(next && formatZoned(next.fromMs, next.timeZone)).toBe('2026-11-27 16:00 Europe/Berlin')
  expect(nextFreeze([weekend], { nowMs, withinMs: 3_600_000 })).toBeUndefined()
})

test('a freeze of every week holds for its length out of seven days, in any time zone', () => {
  const zone = fc.constantFrom('UTC', 'Asia/Kathmandu', 'Pacific/Kiritimati', 'Pacific/Pago_Pago')
  const minutes = fc.integer({ min: 0, max: 7 * 1440 - 1 })
  fc.assert(
    fc.property(zone, minutes, minutes, fc.integer({ min: 0, max: 7 * 1440 }), (timeZone, from, to, at) => {
      fc.pre(from !== to)
      const freeze = Freeze.parse({ from: momentOf(from), to: momentOf(to), timeZone, reason: 'x' })
      const nowMs = Date.parse('2026-06-01T00:00:00Z') + at * 60_000

      const isFrozen = freezeAt([freeze], nowMs) !== undefined

      const shown = formatZoned(nowMs, timeZone)
      const [day, time] = shown.split(' ') as [string, string]
      const now = ((new Date(day).getUTCDay() + 6) % 7) * 1440 + minutesOf(time)
      expect(isFrozen).toBe(from < to ? now >= from && now < to : now >= from || now < to)
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 200) },
  )
})

test.each([
  { from: 'Fri 16:00', to: '2026-12-20 00:00' },
  { from: 'Fri 16:00', to: 'Fri 16:00' },
  { from: '2026-12-20 00:00', to: '2026-12-19 00:00' },
  { from: '2026-02-30 00:00', to: '2026-03-01 00:00' },
  { from: 'Fri 25:00', to: 'Mon 08:00' },
  { from: 'Fri 16:00', to: 'Mon 08:00', timeZone: 'Europe/Vesemir' },
])('%j is not a freeze', (freeze) => {
  expect(Freeze.safeParse({ timeZone: 'UTC', reason: 'x', ...freeze }).success).toBe(false)
})

function momentOf(minutes: number): string {
  const day = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][Math.floor(minutes / 1440)]
  const two = (value: number) => String(value).padStart(2, '0')
  return `${day} ${two(Math.floor((minutes % 1440) / 60))}:${two(minutes % 60)}`
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number) as [number, number]
  return hours * 60 + minutes
}
