import { expect, test } from 'vitest'
import { comesAfter, describeState } from './commit-state.ts'
import { aNotice } from './testing/a-notice.ts'

test('a state is at most 140 characters and ends with the notice’s id', () => {
  const failure = { code: 'HOSTS_FAILED', message: 'x'.repeat(500) }
  const text = describeState(aNotice({ outcome: 'failed', failure }))

  expect(text).toHaveLength(140)
  expect(text).toMatch(/x… \(d-42~17\)$/)
})

test.each([
  [undefined, false],
  ['of another tool (1)', false],
  ['started (d-42~3)', false],
  ['succeeded (d-42~17)', true],
  ['succeeded (d-42~100)', true],
  ['of an earlier deployment (d-9~900)', false],
  ['of a later deployment (d-100~3)', true],
])('%s comes after notice d-42~17: %s', (description, expected) => {
  expect(comesAfter(description, aNotice())).toBe(expected)
})
