import { describe, expect, it } from 'vitest'
import { momentAt, nowAfter, placeAt, timeScale } from './time-scale.ts'
import type { StepBar, Timeline } from './timeline-of.ts'

const startMs = Date.parse('2026-03-01T15:00:00.000Z')
const at = (seconds: number) => new Date(startMs + seconds * 1000).toISOString()
const bar = (from: number, to?: number): StepBar => ({
  step: 'drain',
  outcome: 'succeeded',
  intent: 'deploy',
  walk: 1,
  attempt: 1,
  waits: [],
  from: at(from),
  ...(to === undefined ? {} : { to: at(to) }),
})
const timelineWith = (bars: StepBar[], to?: number): Timeline => ({
  from: at(0),
  ...(to === undefined ? {} : { to: at(to) }),
  phases: [],
  tasks: [],
  hosts: [{ host: 'web-1', wave: 1, status: 'succeeded', walks: 1, bars }],
})

describe('the axis of a timeline', () => {
  it('runs evenly while something is in progress', () => {
    const scale = timeScale(timelineWith([bar(0, 60), bar(50, 100)], 100), 0)

    expect(scale).toHaveLength(1)
    expect(placeAt(scale, startMs + 25_000)).toBeCloseTo(0.25)
    expect(placeAt(scale, startMs - 5000)).toBe(0)
    expect(placeAt(scale, startMs + 500_000)).toBe(1)
  })

  it('shortens a night at a gate to a tenth of the work', () => {
    const scale = timeScale(timelineWith([bar(0, 60), bar(36_060, 36_100)], 36_100), 0)

    expect(scale.map(({ isShortened }) => isShortened)).toEqual([false, true, false])
    expect(scale[1]!.to - scale[1]!.from).toBeCloseTo(10 / 110)
    expect(placeAt(scale, startMs + 60_000)).toBeCloseTo(60 / 110)
    expect(placeAt(scale, startMs + 36_060_000)).toBeCloseTo(70 / 110)
  })

  it('leaves a short pause as it is, and what nobody has begun', () => {
    const scale = timeScale(timelineWith([bar(0, 60), bar(62, 100)], 100), 0)

    expect(scale).toMatchObject([{ from: 0, to: 1, isShortened: false }])
    expect(placeAt(scale, startMs + 62_000)).toBeCloseTo(0.62)
    expect(timeScale(timelineWith([], 100), 0)).toMatchObject([{ from: 0, to: 1, isShortened: false }])
  })

  it('goes on to now while the deployment does', () => {
    const scale = timeScale(timelineWith([bar(0)]), startMs + 30_000)

    expect(scale.at(-1)).toMatchObject({ toMs: startMs + 30_000, to: 1 })
  })

  it('has few stretches for many short gaps', () => {
    const bars = Array.from({ length: 1000 }, (_, index) => bar(index * 2, index * 2 + 1))

    expect(timeScale(timelineWith([...bars, bar(9000, 9010)], 9010), 0)).toHaveLength(3)
  })

  it('names the moment at each place', () => {
    const scale = timeScale(timelineWith([bar(0, 60), bar(36_060, 36_100), bar(72_100, 72_140)], 72_140), 0)

    for (const seconds of [0, 30, 60, 10_000, 36_060, 36_080, 36_100, 50_000, 72_120, 72_140]) {
      const ms = startMs + seconds * 1000
      expect(momentAt(scale, placeAt(scale, ms))).toBeCloseTo(ms, -1)
    }
  })
})

it('of what began this moment, or later by a clock that is behind, there is a stretch, and each place is a moment', () => {
  const timeline: Timeline = { from: '2026-03-01T12:00:00.000Z', hosts: [], tasks: [], phases: [] } as never
  const scale = timeScale(timeline, Date.parse('2026-03-01T11:55:00.000Z'))

  expect(scale).toHaveLength(1)
  expect(momentAt(scale, 0)).toBe(Date.parse('2026-03-01T12:00:00.000Z'))
})

it('is never earlier now than at the last event, whatever a clock says', () => {
  const events = [{ at: at(0) }, { at: at(10) }]

  expect(nowAfter(events, startMs)).toBe(startMs + 10_000)
  expect(nowAfter(events, startMs + 11_000)).toBe(startMs + 11_000)
  expect(nowAfter([], 5)).toBe(5)
})
