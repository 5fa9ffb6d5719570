import { expect, test } from 'vitest'
import { done, failed, momentOf, planned, queued, unhealthy, viewOf } from '../testing/story.ts'
import { tellDeployment } from './headline.ts'
import { timeLeftMs } from './progress.ts'

test('says what a running deployment has done, does and has before it', () => {
  const view = viewOf(
    queued(),
    planned(['web-1', 'web-2', 'web-3', 'web-4']),
    ...done('web-1'),
    { type: 'step.started', host: 'web-2', step: 'drain' },
    ...failed('web-3'),
  )

  expect(tellDeployment(view, momentOf(20))).toMatch(/^4 hosts: 1 done, 1 in progress, 1 failed, 1 to go\. About/)
})

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
  expect(tellDeployment(paused, momentOf(9))).toBe(
    'bob has paused it: no more hosts are started. 2 hosts: 1 done, 1 to go.',
  )
})

test('says what a deployment waits for', () => {
  const waiting = viewOf(queued(), { type: 'deployment.waiting', waitingFor: 'deployment d-41' })
  const gated = viewOf(queued(), planned(['web-1'], ['web-2']), ...done('web-1'), {
    type: 'deployment.gated',
    gate: { kind: 'approval', afterWave: 1, until: new Date(momentOf(0) + 24 * 3_600_000).toISOString() },
  })

  expect(tellDeployment(waiting, momentOf(9))).toBe('It waits for deployment d-41.')
  expect(tellDeployment(gated, momentOf(9))).toBe(
    'Wave 1 is done. It waits for someone to approve the next, for about 24 hours at the most. 2 hosts: 1 done, 1 to go.',
  )
})

test('says how it ended, and what was not begun', () => {
  const view = viewOf(queued(), planned(['web-1', 'web-2']), ...failed('web-1'), {
    type: 'deployment.ended',
    outcome: 'failed',
    failure: unhealthy,
  })

  expect(tellDeployment(view, momentOf(999))).toBe('It ended after 5.0 s. 2 hosts: 1 failed, 1 not started.')
})
