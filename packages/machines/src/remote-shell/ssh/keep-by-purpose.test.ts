import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Purpose } from '../purpose.ts'
import { keepByPurpose } from './keep-by-purpose.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const deployment = (id: string): Purpose => ({
  name: 'deployment',
  deployment: id,
  application: 'payments',
  environment: 'production',
})

/** Keeps numbers, each the count of those created so far. */
function counted() {
  let count = 0
  return keepByPurpose(() => (count += 1))
}

test('is one for all uses of a purpose, and another for each other purpose', () => {
  const use = counted()

  const values = [deployment('d-1'), deployment('d-1'), deployment('d-2'), { name: 'checks' } as const].map(
    (purpose) => use(purpose).value,
  )

  expect(values).toEqual([1, 1, 2, 3])
})

test('is kept over the moment between two hosts', () => {
  const use = counted()
  use(deployment('d-1'))[Symbol.dispose]()

  vi.advanceTimersByTime(9_999)
  const next = use(deployment('d-1'))
  vi.advanceTimersByTime(60_000)

  expect([next.value, use(deployment('d-1')).value]).toEqual([1, 1])
})

test('is forgotten ten seconds after its last use', () => {
  const use = counted()
  const [first, second] = [use(deployment('d-1')), use(deployment('d-1'))]

  first[Symbol.dispose]()
  vi.advanceTimersByTime(60_000)
  const whileUsed = use(deployment('d-1'))
  second[Symbol.dispose]()
  whileUsed[Symbol.dispose]()
  vi.advanceTimersByTime(10_000)

  expect([whileUsed.value, use(deployment('d-1')).value]).toEqual([1, 2])
})
