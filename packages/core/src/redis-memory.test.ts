import { expect, test } from 'vitest'
import { describeRedisMemory, isNearlyFull } from './redis-memory.ts'

test.each([
  { usedBytes: 80, limitBytes: 100, before: false, expected: false },
  { usedBytes: 81, limitBytes: 100, before: false, expected: true },
  { usedBytes: 76, limitBytes: 100, before: true, expected: true },
  { usedBytes: 75, limitBytes: 100, before: true, expected: false },
  { usedBytes: 10 ** 12, limitBytes: 0, before: false, expected: false },
])('$usedBytes of $limitBytes, nearly full before: $before, are nearly all: $expected', ({ before, ...memory }) => {
  expect(isNearlyFull(memory, before)).toBe(memory.expected)
})

test('says how much is in use, and of how much', () => {
  expect(describeRedisMemory({ usedBytes: 8_200_000_000, limitBytes: 10_000_000_000 })).toBe(
    '8.2 GB of 10.0 GB in use (82 %)',
  )
  expect(describeRedisMemory({ usedBytes: 1_500_000, limitBytes: 0 })).toBe('1.5 MB in use, without a bound')
})
