import type { ScheduleView } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { describe, expect, it } from 'vitest'
import { describeRequester, describeSchedule } from './schedule.ts'

const at = '2026-03-01T10:00:00.000Z'
const schedule: ScheduleView = { environment: 'production', every: '15m', by: 'ada', next: '2026-03-01T10:15:00.000Z' }
const lastOf = (last: Omit<NonNullable<ScheduleView['last']>, 'at'>) =>
  describeSchedule({ ...schedule, last: { at, ...last } }, 'UTC')[1]

describe('a schedule in words', () => {
  it('says how often, in whose name, and when next', () => {
    expect(describeSchedule(schedule, 'UTC')).toEqual([
      'converges every 15m, in the name of ada; next round at 2026-03-01 10:15 UTC',
    ])
    expect(describeSchedule({ environment: 'production', every: '1h' }, 'UTC')).toEqual([
      'converges every 1h; first round in a few seconds',
    ])
    expect(describeSchedule({ ...schedule, again: 2 }, 'UTC')).toEqual([
      'converges every 15m, in the name of ada; next round at 2026-03-01 10:15 UTC, later each time: hosts were behind again 2 times',
    ])
  })

  it('says what the last round came to', () => {
    const nothing = 'nothing is behind 1.4.2: 2 hosts run it'

    expect(lastOf({ outcome: 'started' })).toBe('last round at 2026-03-01 10:00 UTC: in progress')
    expect(lastOf({ outcome: 'nothing-behind', text: nothing })).toBe(`last round at 2026-03-01 10:00 UTC: ${nothing}`)
    expect(lastOf({ outcome: 'deployed', deployment: 'd-7', text: '1 behind 1.4.2: web-2 runs 1.4.1' })).toBe(
      'last round at 2026-03-01 10:00 UTC: d-7 started, 1 behind 1.4.2: web-2 runs 1.4.1',
    )
    expect(lastOf({ outcome: 'skipped', text: 'd-6 of 1.4.3 is paused (DEPLOYMENT_RUNS)' })).toBe(
      'last round at 2026-03-01 10:00 UTC: skipped: d-6 of 1.4.3 is paused (DEPLOYMENT_RUNS)',
    )
  })
})

it('says of a deployment that a schedule asked for it, in whose name', () => {
  const converges = { deployment: 'd-1', release: '1.4.2-60303ae2' }

  expect(describeRequester({ requestedBy: 'ada', spec: aSpec() })).toBe('ada')
  expect(describeRequester({ requestedBy: 'ada', spec: { ...aSpec(), converges } })).toBe('ada')
  expect(describeRequester({ requestedBy: 'ada', bySchedule: true })).toBe('ada (by schedule)')
  expect(
    describeRequester({ requestedBy: 'ada', spec: { ...aSpec(), converges: { ...converges, bySchedule: true } } }),
  ).toBe('ada (by schedule)')
})
