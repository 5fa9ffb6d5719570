import { expect, test } from 'vitest'
import { timeLeftMs } from './progress.ts'
import { done, momentOf, planned, queued, viewOf } from './testing/story.ts'

test('estimates the time left by the hosts that are done, those in progress, and the waves to come', () => {
  const view = viewOf(queued(), planned(['web-1', 'web-2'], ['web-3', 'web-4', 'web-5']), ...done('web-1', 60_000), {
    type: 'step.started',
    host: 'web-2',
    step: 'drain',
  })

  // web-2 has 50 s before it; then three hosts of a minute each, two at once.
  expect(timeLeftMs(view, momentOf(view.cursor) + 10_000)).toBe(50_000 + 90_000)
})

test('does not guess before a host is done, or while it stands still', () => {
  const before = viewOf(queued(), planned(['web-1', 'web-2']))
  const paused = viewOf(queued(), planned(['web-1', 'web-2']), ...done('web-1'), {
    type: 'deployment.paused',
    by: 'bob',
  })

  expect(timeLeftMs(before, momentOf(9))).toBeUndefined()
  expect(timeLeftMs(paused, momentOf(9))).toBeUndefined()
})
