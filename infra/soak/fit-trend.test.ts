import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitTrend, type Sample } from './fit-trend.ts'

const minuteMs = 60_000
const memory = { share: 0.1, besides: 0 }

function samplesOf(valueAt: (minute: number) => number, minutes = 12): Sample[] {
  return Array.from({ length: minutes }, (_, minute) => ({ atMs: minute * minuteMs, value: valueAt(minute) }))
}

describe('a trend', () => {
  it('is the slope of a leak, whatever is left over on top of it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 3, max: 100, noNaN: true }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (leak, noise) => {
          const { perMinute, isFlat } = fitTrend(
            samplesOf((minute) => 100 + leak * minute + noise.next().value!),
            { share: 0.1, besides: 1 },
          )

          expect(perMinute).toBeGreaterThan(leak - 0.5)
          expect(perMinute).toBeLessThan(leak + 0.5)
          expect(isFlat).toBe(leak < 4 ? isFlat : false)
        },
      ),
    )
  })

  it('is flat where only the beginning grew', () => {
    expect(
      fitTrend(
        samplesOf((minute) => Math.min(minute, 4)),
        memory,
      ),
    ).toMatchObject({ isFlat: true })
  })

  it('is flat where a number falls', () => {
    expect(
      fitTrend(
        samplesOf((minute) => 1000 - minute),
        memory,
      ),
    ).toMatchObject({ isFlat: true })
  })

  it('is flat where a number grows by no more than it may', () => {
    const grows = samplesOf((minute) => 100 + minute)

    expect(fitTrend(grows, { share: 0.05, besides: 4 }).isFlat).toBe(true)
    expect(fitTrend(grows, { share: 0.05, besides: 1 }).isFlat).toBe(false)
  })

  it('needs two samples in the later part', () => {
    const three = samplesOf((minute) => 2 * minute, 3)

    expect(fitTrend(three, memory)).toMatchObject({ to: 4, perMinute: 2 })
    expect(() => fitTrend(three.slice(2), memory)).toThrow('a trend needs samples')
  })
})
