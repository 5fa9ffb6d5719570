import { expect, test } from 'vitest'
import { done, failed, momentOf, planned, queued, unhealthy, viewOf } from '@vesemir/core/testing'
import { applyEvent } from '@vesemir/core'
import { describeDeployment } from './deployment.ts'
import { timeTaken } from './duration.ts'

const ended = () => ({ type: 'deployment.ended' as const, outcome: 'failed' as const, failure: unhealthy })

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

test('the time before a retry of an ended deployment is no part of its duration', () => {
  const facts = [queued(), planned(['web-1']), ...failed('web-1'), ended()]
  const first = viewOf(...facts)
  const retry = { type: 'deployment.commanded' as const, command: { command: 'retry' as const }, by: 'ada' }
  const again = applyEvent(first, { ...retry, seq: first.cursor + 1, at: new Date(momentOf(1000)).toISOString() })
  const after = applyEvent(again, { ...ended(), seq: first.cursor + 2, at: new Date(momentOf(1010)).toISOString() })

  expect(timeTaken(first.deployment, momentOf(999))).toBe('5.0s')
  expect(timeTaken(again.deployment, momentOf(1003))).toBe('8.0s')
  expect(timeTaken(after.deployment, momentOf(5000))).toBe('15s')
})

test('the time before and after a retry that came to nothing is no part of its duration either', () => {
  const at = (seconds: number) => new Date(momentOf(seconds)).toISOString()
  const retry = { type: 'deployment.commanded' as const, command: { command: 'retry' as const }, by: 'ada' }
  const first = viewOf(queued(), planned(['web-1']), ...failed('web-1'), ended())

  const asked = applyEvent(first, { ...retry, seq: first.cursor + 1, at: at(1000) })
  const refused = applyEvent(asked, { ...ended(), seq: first.cursor + 2, at: at(1001) })
  const again = applyEvent(refused, { ...retry, seq: first.cursor + 3, at: at(2000) })

  expect(timeTaken(again.deployment, momentOf(2004))).toBe('10s')
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
