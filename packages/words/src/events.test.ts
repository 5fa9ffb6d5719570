import type { Fact } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { describeEvent } from './events.ts'
import { everyEvent, everySentence } from './testing/every-event.ts'
import { eventsOf, planned, queued, viewOf } from '@vesemir/core/testing'
import { toPlainText } from './text.ts'

const until = '2026-03-01T15:14:05.000Z'
const ada = { by: 'ada' }

test.each(Object.values(everyEvent))('says $type in one sentence', (fact) => {
  const [sentence] = describe(fact)

  expect(sentence).toBe(everySentence[fact.type])
})

test.each<[Fact, string[]]>([
  [{ type: 'deployment.commanded', command: { command: 'pause' }, ...ada }, ['pause requested by ada']],
  [
    { type: 'deployment.commanded', command: { command: 'retry', hosts: ['web-1', 'web-2'] }, ...ada },
    ['retry of web-1, web-2 requested by ada'],
  ],
  [{ type: 'deployment.paused', ...ada }, ['paused by ada; no more hosts are started', '→ vesemir resume d-42']],
  [
    { type: 'deployment.gated', gate: { kind: 'pause', afterWave: 1, until } },
    ['waiting after wave 1 until 15:14:05 UTC'],
  ],
  [
    { type: 'deployment.gated', gate: { kind: 'approval', afterWave: 1, until: '2026-03-04T15:14:05.000Z' } },
    ['waiting for approval after wave 1 until 2026-03-04 15:14 UTC', '→ vesemir approve d-42 | vesemir reject d-42'],
  ],
  [
    { type: 'deployment.gated', gate: { kind: 'failure', hosts: ['web-1'], until, otherwise: 'rollback' } },
    [
      'waiting for a decision on web-1 until 15:14:05 UTC; without one: rollback',
      '→ vesemir retry d-42 | vesemir skip d-42 | vesemir rollback d-42 | vesemir cancel d-42',
    ],
  ],
  [{ type: 'deployment.resumed' }, ['resumed']],
  [
    { type: 'hosts.requeued', hosts: ['web-1'], intent: 'deploy', ...ada, leftOut: ['web-2'], gone: ['web-3'] },
    [
      'retrying 1 host, requested by ada: web-1; skipped web-2, changed by another deployment; skipped web-3, no longer in the inventory',
    ],
  ],
  [
    { type: 'hosts.requeued', hosts: [], intent: 'deploy', ...ada, excluded: ['web-1'] },
    ['nothing to retry, requested by ada; excluded web-1 permanently'],
  ],
  [
    { type: 'hosts.requeued', hosts: [], intent: 'rollback', by: 'onFailure' },
    ['nothing to roll back, as set by onFailure'],
  ],
  [
    { type: 'deployment.ended', outcome: 'succeeded', note: 'hosts: 1 skipped, 1 succeeded' },
    ['succeeded after 2.0s: hosts: 1 skipped, 1 succeeded'],
  ],
  [
    {
      type: 'deployment.ended',
      outcome: 'rolled-back',
      failure: { code: 'ROLLED_BACK', message: 'hosts: 2 rolled back' },
    },
    ['rolled back after 2.0s: hosts: 2 rolled back (ROLLED_BACK)'],
  ],
  [
    { type: 'host.ended', host: 'web-1', outcome: 'succeeded', traffic: 'restored', isVersionProven: false },
    ['succeeded, version not proven; traffic restored'],
  ],
  [{ type: 'host.claimed', host: 'web-1', attempt: 1, worker: 'worker-1' }, []],
  [{ type: 'step.started', host: 'web-1', step: 'restart' }, ['running true']],
  [{ type: 'step.started', host: 'web-1', step: 'drain' }, []],
])('says %j', (fact, expected) => {
  expect(describe(fact)).toEqual(expected)
})

test('says on a rollback that the previous release is restored', () => {
  const rollback: Fact = { type: 'hosts.requeued', hosts: ['web-1'], intent: 'rollback', ...ada }

  expect(describe({ type: 'step.started', host: 'web-1', step: 'deploy' }, rollback)).toEqual([
    'restoring the previous release',
  ])
})

test('says under a plan how it will be carried out, and its warnings', () => {
  const { plan } = planned(['web-1'], ['web-2'])

  const lines = describe({ type: 'deployment.planned', plan: { ...plan, warnings: ['web-1 is in maint'] } })

  expect(lines).toEqual([
    'planned: 2 hosts in 2 waves',
    'at most 2 at a time, release 2.0.0-ab12',
    'warning: web-1 is in maint',
  ])
})

/** Returns the lines of a fact that follows a plan of three hosts. */
function describe(fact: Fact, before?: Fact): string[] {
  const story: Fact[] = [queued(), planned(['web-1'], ['web-2', 'web-3']), ...(before ? [before] : [])]
  const isOnItsOwn = fact.type === 'deployment.queued' || fact.type === 'deployment.planned'
  const facts = isOnItsOwn ? [queued(), fact] : [...story, fact]
  const description = describeEvent(eventsOf(...facts).at(-1)!, viewOf(...facts), { timeZone: 'UTC' })
  return description ? [description.sentence, ...description.details].map(toPlainText) : []
}
