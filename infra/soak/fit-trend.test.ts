import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitTrend, type Sample } from './fit-trend.ts'

const minuteMs = 60_000
const memory = { share: 0.1, besides: 0 }

function samplesOf(valueAt: (second: number) => number, seconds = 600): Sample[] {
  return Array.from({ length: seconds }, (_, second) => ({ atMs: second * 1000, value: valueAt(second) }))
}

describe('a trend', () => {
  it('is the slope of a leak, whatever the garbage on top of it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 10, noNaN: true }), fc.integer({ min: 5, max: 20 }), (leak, period) => {
        const samples = samplesOf((second) => 100 + leak * second + (second % period) * 30)

        const { perMinute, isFlat } = fitTrend(samples, memory)

        expect(perMinute).toBeGreaterThan(leak * 60 * 0.5)
        expect(perMinute).toBeLessThan(leak * 60 * 1.5)
        expect(isFlat).toBe(false)
      }),
    )
  })

  it('is flat where only the beginning grew, and where garbage comes and goes', () => {
    const warmedUp = samplesOf((second) => Math.min(second, 200) + (second % 17) * 5)

    expect(fitTrend(warmedUp, memory)).toMatchObject({ isFlat: true })
  })

  it('is flat where a number falls', () => {
    expect(
      fitTrend(
        samplesOf((second) => 1000 - second),
        memory,
      ),
    ).toMatchObject({ isFlat: true })
  })

  it('is flat where a number scatters', () => {
    const samples = samplesOf((second) => (second % 50 === 0 ? 5000 : 10 + (second % 3)))

    expect(fitTrend(samples, memory)).toMatchObject({ isFlat: true })
  })

  it('is told of two samples as well', () => {
    const two = [
      { atMs: 0, value: 1 },
      { atMs: minuteMs, value: 3 },
    ]

    expect(fitTrend(two, memory).to).toBe(3)
    expect(() => fitTrend([], memory)).toThrow('a trend needs samples')
  })
})
