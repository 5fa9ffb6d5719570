import type { Fact } from '@vesemir/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findStall } from './find-stall.ts'
import { done, failed, momentOf, planned, queued, viewOf } from './testing/story.ts'

const minute = 60_000
const claimed: Fact = { type: 'deployment.claimed', attempt: 1, worker: 'worker-1' }
const started = (host: string, step: 'deploy' | 'verify' = 'deploy'): Fact => ({ type: 'step.started', host, step })

test('a deployment that no worker takes is quiet', () => {
  const view = viewOf(queued())

  expect(findStall(view, momentOf(1) + 5000)).toBeUndefined()
  expect(findStall(view, momentOf(1) + 9 * minute)).toEqual({ quietMs: 9 * minute, overdue: [] })
})

test('a rollout whose next host nobody takes is quiet from its last change on', () => {
  const view = viewOf(queued(), claimed, planned(['web-1', 'web-2']), ...done('web-1'))

  expect(findStall(view, momentOf(7) + 2 * minute)).toEqual({ quietMs: 2 * minute, overdue: [] })
})

test('a step is overdue against its time on other hosts, the longest first', () => {
  const view = viewOf(
    queued(),
    planned(['web-1', 'web-2', 'web-3']),
    ...done('web-1', 20_000),
    started('web-2'),
    started('web-3'),
  )
  const at = momentOf(view.cursor) + 9 * minute

  expect(findStall(view, momentOf(view.cursor) + 60_000)).toBeUndefined()
  expect(findStall(view, at)).toMatchObject({
    quietMs: 9 * minute,
    overdue: [
      { host: 'web-2', step: 'deploy', spentMs: 9 * minute + 1000, usualMs: 20_000 },
      { host: 'web-3', step: 'deploy', spentMs: 9 * minute, usualMs: 20_000 },
    ],
  })
})

test('a step that no host has ended yet is overdue after its limit in the settings', () => {
  const healthCheck = { kind: 'tcp' as const, port: 80, deadline: '3m' as const }
  const view = viewOf(queued({ healthCheck }), planned(['web-1']), started('web-1', 'verify'))

  expect(findStall(view, momentOf(view.cursor) + 3 * minute)).toBeUndefined()
  expect(findStall(view, momentOf(view.cursor) + 4 * minute)?.overdue).toMatchObject([{ usualMs: 3 * minute }])
})

test.for<[string, Fact[]]>([
  ['waits for another', [{ type: 'deployment.waiting', waitingFor: 'd-41' }]],
  ['is paused', [planned(['web-1']), { type: 'deployment.paused', by: 'ada' }]],
  ['has ended', [planned(['web-1']), ...failed('web-1'), { type: 'deployment.ended', outcome: 'cancelled' }]],
])('a deployment that %s is not stalled, however long that takes', ([, facts]) => {
  fc.assert(
    fc.property(fc.nat(30 * 24 * 60 * minute), (laterMs) => {
      const view = viewOf(queued(), ...facts)
      expect(findStall(view, momentOf(view.cursor) + laterMs)).toBeUndefined()
    }),
  )
})

test('one that gets on is never stalled: right after any change nothing is quiet', () => {
  const story = [queued(), claimed, planned(['web-1', 'web-2']), started('web-1'), ...done('web-1'), started('web-2')]
  fc.assert(
    fc.property(fc.integer({ min: 1, max: story.length }), fc.nat(20_000), (length, laterMs) => {
      const view = viewOf(...story.slice(0, length))
      expect(findStall(view, momentOf(view.cursor) + laterMs)).toBeUndefined()
    }),
  )
})
