import { VesemirError } from '@vesemir/core'
import { expect, test } from 'vitest'
import { noticeDelayMs } from './jobs.ts'

const error = (retryAfterMs: number) => new VesemirError('NOTIFICATION_FAILED', 'busy', { details: { retryAfterMs } })

test.each([
  ['doubles', 3, { error: new Error('no'), random: 0 }, 20_000],
  ['comes up to a quarter sooner', 1, { error: undefined, random: 1 }, 3750],
  ['is what the recipient asks for, when that is longer', 1, { error: error(60_000), random: 0 }, 60_000],
  ['is no shorter than its own, whatever the recipient asks for', 2, { error: error(1), random: 0 }, 10_000],
])('the wait for the next try of a notice %s', (_, attemptsMade, given, expected) => {
  expect(noticeDelayMs(attemptsMade, { firstMs: 5000, ...given })).toBe(expected)
})
