import { expect, test } from 'vitest'
import { done, failed, momentOf, planned, queued, unhealthy, viewOf } from '@vesemir/core/testing'
import { describeDeployment } from './deployment.ts'

test('says what a running deployment has done, does and has before it', () => {
  const view = viewOf(
    queued(),
    planned(['web-1', 'web-2', 'web-3', 'web-4']),
    ...done('web-1'),
    { type: 'step.started', host: 'web-2', step: 'drain' },
    ...failed('web-3'),
  )

  expect(describeDeployment(view, { nowMs: momentOf(20), timeZone: 'UTC' })).toMatch(
    /^4 hosts: 1 failed, 1 succeeded, 1 running, 1 pending\. About .* left\.$/,
  )
})

test('says who paused it', () => {
  const paused = viewOf(queued(), planned(['web-1', 'web-2']), ...done('web-1'), {
    type: 'deployment.paused',
    by: 'bob',
  })

  expect(describeDeployment(paused, { nowMs: momentOf(9) })).toBe(
    'Paused by bob; no more hosts are started. 2 hosts: 1 succeeded, 1 pending.',
  )
})

test('says what a deployment waits for', () => {
  const waiting = viewOf(queued(), { type: 'deployment.waiting', waitingFor: 'deployment d-41' })
  const gated = viewOf(queued(), planned(['web-1'], ['web-2']), ...done('web-1'), {
    type: 'deployment.gated',
    gate: { kind: 'approval', afterWave: 1, until: new Date(momentOf(0) + 24 * 3_600_000).toISOString() },
  })

  expect(describeDeployment(waiting, { nowMs: momentOf(9), timeZone: 'UTC' })).toBe('Waiting for deployment d-41.')
  expect(describeDeployment(gated, { nowMs: momentOf(9), timeZone: 'UTC' })).toBe(
    'Waiting for approval after wave 1 until 15:04:00 UTC. 2 hosts: 1 succeeded, 1 pending.',
  )
})

test('says how it ended, and what was not begun', () => {
  const view = viewOf(queued(), planned(['web-1', 'web-2']), ...failed('web-1'), {
    type: 'deployment.ended',
    outcome: 'failed',
    failure: unhealthy,
  })

  expect(describeDeployment(view, { nowMs: momentOf(999), timeZone: 'UTC' })).toBe(
    'Ended after 5.0s. 2 hosts: 1 failed, 1 pending.',
  )
})
