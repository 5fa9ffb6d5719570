import fc from 'fast-check'
import { expect, test } from 'vitest'
import { meanSince } from './mean-since.ts'

/** As HAProxy counts a time, and tells their mean (swrate_add_dynamic and swrate_avg). */
class Haproxy {
  requests = 0
  #sum = 0

  answer(count: number, ms: number): void {
    for (let index = 0; index < count; index += 1) {
      this.requests += 1
      const taken = this.requests > 512 ? Math.floor((this.#sum + 511) / 512) : 0
      this.#sum += ms - taken
    }
  }

  tell() {
    const samples = Math.min(512, Math.max(1, this.requests))
    return { meanMs: Math.floor((this.#sum + samples - 1) / samples), requests: this.requests }
  }
}

test('the mean of an updated server is that of its own answers, however many there were before, within what is said', () => {
  const requests = fc.integer({ min: 0, max: 3000 })
  const ms = fc.integer({ min: 0, max: 2000 })
  fc.assert(
    fc.property(requests, ms, fc.integer({ min: 1, max: 3000 }), ms, (earlier, earlierMs, answered, ownMs) => {
      const haproxy = new Haproxy()
      haproxy.answer(earlier, earlierMs)
      const before = haproxy.tell()
      haproxy.answer(answered, ownMs)

      const mean = meanSince(before, haproxy.tell(), answered)!

      // HAProxy takes a little more than the mean away each time, since it rounds.
      expect(Math.abs(mean.ms - ownMs)).toBeLessThanOrEqual(mean.withinMs + 1)
    }),
  )
})

test('three times slower is seen after fifty requests, when the mean that HAProxy tells is a fifth higher', () => {
  const haproxy = new Haproxy()
  haproxy.answer(5000, 50)
  const before = haproxy.tell()
  haproxy.answer(50, 150)
  const now = haproxy.tell()

  const mean = meanSince(before, now, 50)!

  expect(now.meanMs).toBe(60)
  expect(mean.ms - mean.withinMs).toBeGreaterThan(50 * 2)
})

test('is unknown without a request, and exact to a millisecond after a thousand', () => {
  expect(meanSince({ meanMs: 5, requests: 9 }, { meanMs: 5, requests: 9 }, 0)).toBeUndefined()
  expect(meanSince({ meanMs: 5, requests: 9000 }, { meanMs: 20, requests: 10_000 }, 1000)!.withinMs).toBeLessThan(1)
})
