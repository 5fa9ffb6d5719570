import { expect, test } from 'vitest'
import { failedStory, queued, viewOf } from '../testing/story.ts'
import { statusLines } from './status.ts'
import { paint } from './paint.ts'

const nowMs = Date.parse('2026-03-01T15:04:30.000Z')

test('shows hosts by steps with their times and traffic, and what failed with a hint', () => {
  expect(status(failedStory)).toEqual([
    'd-42  payments 2.0.0 to production  failed  20s',
    'requested by ada at 2026-03-01 15:04: hotfix',
    '3 hosts in 1 wave, at most 2 at a time, behind lb1, lb2, release 2.0.0-ab12',
    '',
    'host   connect  guard  drain  deploy  restart  verify    enable  soak  restore  status     traffic',
    'web-1  210ms    ·      4.1s   3.9s    …        ·         ·       ·     ·        succeeded  restored: lb1 DRAIN 3 sessions · lb2 DRAIN 1 session',
    'web-2  ·        ·      ·      ·       ·        ✗ 1m 00s  ·       ·     ·        failed     drained',
    'web-3  ·        ·      ·      ·       ·        ·         ·       ·     ·        pending',
    '',
    'web-2 failed: web-2 was not healthy in 60s (HEALTH_CHECK_FAILED)',
    "→ Read the step's output: vesemir logs d-42 --host web-2",
    '',
    'hosts: 1 failed, 1 not started, 1 succeeded (HOSTS_FAILED)',
    '→ See why: vesemir status d-42.',
    '',
    'Next steps:',
    '  vesemir logs d-42 --host web-2  show its output',
    '  vesemir retry d-42              deploy the failed and pending hosts',
    '  vesemir rollback d-42           restore the previous release on every changed host',
  ])
})

test('shows for how long a step has run and what it waits for', () => {
  const lines = status(failedStory.slice(0, 9))

  expect(lines.find((line) => line.startsWith('web-1'))).toBe(
    'web-1  210ms    ·      ▶ 23s  ·       ·        ·       ·       ·     ·        running  ' +
      'waiting for sessions to end: 2 on lb1 payments/web-1 · lb1 DRAIN 3 sessions · lb2 DRAIN 1 session',
  )
})

test('says that the record is incomplete, and what is missing', () => {
  const incomplete = { code: 'ORDER_FORGED', message: 'events of web-1 are missing', hint: 'Find out who else writes.' }
  const lines = statusLines({ ...viewOf([queued]), incomplete }, { nowMs }).map((line) =>
    paint(line, { colours: false }),
  )

  expect(lines).toContain('The record of this deployment is incomplete: events of web-1 are missing (ORDER_FORGED)')
  expect(lines).toContain('→ Find out who else writes.')
})

test('shows a deployment that waits for a worker', () => {
  expect(status([queued])).toEqual([
    'd-42  payments 2.0.0 to production  queued  29s',
    'requested by ada at 2026-03-01 15:04: hotfix',
  ])
})

test.each<[Fact, string]>([
  [{ type: 'deployment.waiting', waitingFor: 'd-41' }, 'waiting for d-41'],
  [{ type: 'deployment.paused', by: 'ada' }, 'paused by ada; no more hosts are started'],
])('says why a deployment stands still: %j', (fact, expected) => {
  expect(status([queued, fact])).toContain(expected)
})

test.each<[Fact, string[]]>([
  [
    {
      type: 'deployment.ended',
      outcome: 'failed',
      failure: { code: 'PLAN_EMPTY', message: 'Chef found no host', hint: 'Check the tags.' },
    },
    [
      'Chef found no host (PLAN_EMPTY)',
      '→ Check the tags.',
      '',
      'Next steps:',
      '  vesemir plan payments -e production --version 2.0.0  check whether planning works now; changes nothing',
      '  vesemir retry d-42                                   plan again and continue',
    ],
  ],
  [{ type: 'deployment.ended', outcome: 'succeeded' }, []],
  [{ type: 'deployment.ended', outcome: 'rolled-back' }, []],
])('says what to try after %j', (fact, expected) => {
  expect(status([queued, fact]).slice(3)).toEqual(expected)
})

type Fact = Parameters<typeof viewOf>[0][number]

function status(facts: readonly Fact[]): string[] {
  return statusLines(viewOf(facts), { nowMs, timeZone: 'UTC' }).map((line) => paint(line, { colours: false }))
}
