import { expect, test } from 'vitest'
import { eventsOf, planned, queued, viewsOf } from '../testing/story.ts'
import { tellEvent } from './facts.ts'
import { toText } from './text.ts'

type Fact = Parameters<typeof eventsOf>[0][number]
const until = '2026-03-01T15:14:05.000Z'
const ada = { by: 'ada' }

test.each<[Fact, string[]]>([
  [
    { type: 'deployment.waiting', waitingFor: 'd-41 (payments to production, by bob)' },
    ['waits for d-41 (payments to production, by bob)'],
  ],
  [{ type: 'deployment.commanded', command: { command: 'pause' }, ...ada }, ['pause asked for by ada']],
  [
    { type: 'deployment.commanded', command: { command: 'cancel', now: true, reason: 'wrong build' }, ...ada },
    ['cancel now asked for by ada: wrong build'],
  ],
  [
    { type: 'deployment.commanded', command: { command: 'retry', hosts: ['web-1', 'web-2'] }, ...ada },
    ['retry of web-1, web-2 asked for by ada'],
  ],
  [{ type: 'deployment.paused', ...ada }, ['paused by ada: no host is started. To go on: vesemir resume d-42']],
  [{ type: 'deployment.gated', gate: { kind: 'pause', afterWave: 1, until } }, ['pauses after wave 1, until 15:14:05']],
  [
    { type: 'deployment.gated', gate: { kind: 'approval', afterWave: 1, until } },
    ['waits for approval after wave 1, until 15:14:05', '→ vesemir approve d-42, or vesemir reject d-42'],
  ],
  [
    { type: 'deployment.gated', gate: { kind: 'failure', hosts: ['web-1'], until, otherwise: 'rollback' } },
    [
      'asks what to do about web-1, until 15:14:05; without an answer: rollback',
      '→ vesemir retry d-42, or vesemir skip d-42, or vesemir rollback d-42, or vesemir cancel d-42',
    ],
  ],
  [{ type: 'deployment.resumed', ...ada }, ['goes on, as ada says']],
  [{ type: 'deployment.resumed' }, ['goes on']],
  [
    { type: 'hosts.requeued', hosts: ['web-1', 'web-2'], intent: 'deploy', ...ada },
    ['tries again 2 hosts, as ada says: web-1, web-2'],
  ],
  [
    { type: 'hosts.requeued', hosts: [], intent: 'rollback', by: 'onFailure' },
    ['rolls back no host, as onFailure says: none is left to'],
  ],
  [{ type: 'host.claimed', host: 'web-1', attempt: 2, worker: 'worker-2' }, ['taken up again by worker-2, attempt 2']],
  [
    { type: 'servers.returned', host: 'web-1', servers: [], cause: 'lb1 has forgotten the drain' },
    ['back in rotation: lb1 has forgotten the drain'],
  ],
  [
    { type: 'deployment.ended', outcome: 'succeeded', note: 'hosts: 1 skipped, 1 succeeded' },
    ['succeeded after 2.0s, hosts: 1 skipped, 1 succeeded'],
  ],
  [
    {
      type: 'deployment.ended',
      outcome: 'rolled-back',
      failure: { code: 'ROLLED_BACK', message: 'hosts: 2 rolled back' },
    },
    ['rolled-back after 2.0s: hosts: 2 rolled back (ROLLED_BACK)'],
  ],
])('says %j', (fact, expected) => {
  expect(tellLast([queued, planned('web-1', 'web-2'), fact])).toEqual(expected)
})

test('says on the way back that the release before is brought back', () => {
  const rollback: Fact = { type: 'hosts.requeued', hosts: ['web-1'], intent: 'rollback', ...ada }

  const told = tellLast([queued, planned('web-1'), rollback, { type: 'step.started', host: 'web-1', step: 'deploy' }])

  expect(told).toEqual(['bringing back the release before'])
})

test('says of a plan how many waves it has', () => {
  const { plan } = planned('web-1', 'web-2')
  const waves = [
    { hosts: 1, concurrency: 1 },
    { hosts: 1, concurrency: 2 },
  ]

  const told = tellLast([queued, { type: 'deployment.planned', plan: { ...plan, waves } }])

  expect(told).toEqual(['planned: 2 hosts in 2 waves, at most 2 at a time, behind lb1, lb2, release 2.0.0-ab12'])
})

function tellLast(facts: readonly Fact[]): string[] {
  const { event, view } = viewsOf(eventsOf(facts)).at(-1)!
  return tellEvent(event, view, 'UTC').map((line) => toText(line, { colours: false }))
}
