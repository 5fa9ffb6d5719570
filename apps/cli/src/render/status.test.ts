import { expect, test } from 'vitest'
import { failedStory, planned, queued, queuedWith, viewOf } from '../testing/story.ts'
import { statusLines } from './status.ts'
import { paint } from './paint.ts'

const nowMs = Date.parse('2026-03-01T15:04:30.000Z')

test('shows hosts by steps with their times and traffic, and what failed with a hint', () => {
  expect(status(failedStory)).toEqual([
    'd-42  payments 2.0.0 to production  failed  20s',
    'requested by ada at 2026-03-01 15:04: hotfix',
    '3 hosts in 1 wave, at most 2 at a time, behind lb1, lb2, release 2.0.0-ab12',
    '',
    'web-2 failed in verify: web-2 was not healthy in 60s (HEALTH_CHECK_FAILED)',
    "→ Read the step's output: vesemir logs d-42 --host web-2",
    '',
    'host   connect  guard  drain  deploy  restart  verify    enable  soak  restore  status     traffic',
    'web-1  210ms    ·      4.1s   3.9s    …        ·         ·       ·     ·        succeeded  restored: lb1 DRAIN 3 sessions · lb2 DRAIN 1 session',
    'web-2  ·        ·      ·      ·       ·        ✗ 1m 00s  ·       ·     ·        failed     drained',
    'web-3  ·        ·      ·      ·       ·        ·         ·       ·     ·        pending',
    '',
    'hosts: 1 failed, 1 not started, 1 succeeded (HOSTS_FAILED)',
    '',
    'Next steps:',
    '  vesemir logs d-42 --host web-2  show its output',
    '  vesemir retry d-42              deploy the failed and pending hosts',
    '  vesemir rollback d-42           restore the previous release on every changed host',
  ])
})

/** A deployment to 200 hosts, of which 60 failed for four reasons, each with a log of its service. */
function manyFailures(): Fact[] {
  const names = Array.from({ length: 200 }, (_, index) => `web-${index + 1}`)
  const reasons = [
    {
      upTo: 34,
      step: 'verify',
      code: 'HEALTH_CHECK_FAILED',
      says: 'was not healthy in 60s: / returned 503, expected 200',
    },
    { upTo: 50, step: 'restart', code: 'SERVICE_FAILED', says: 'did not restart payments' },
    { upTo: 58, step: 'enable', code: 'SERVER_UNHEALTHY', says: 'is down in lb1' },
    { upTo: 60, step: 'connect', code: 'SSH_TIMED_OUT', says: 'did not answer in 10s' },
  ] as const
  const walks = names.flatMap((host, index): Fact[] => {
    const reason = reasons.find(({ upTo }) => index < upTo)
    if (!reason) return [{ type: 'host.ended', host, outcome: 'succeeded', traffic: 'restored' }]
    const { step, code, says } = reason
    const log = Array.from({ length: 10 }, (_, line) => `line ${line + 1} of ${host}`)
    const failure = { code, message: `${host} ${says}`, hint: 'Read the output: vesemir logs ID --host HOST', log }
    return [
      { type: 'step.started', host, step },
      { type: 'host.ended', host, outcome: 'failed', traffic: 'drained', failure },
    ]
  })
  const failure = {
    code: 'HOSTS_FAILED',
    message: 'hosts: 60 failed, 140 succeeded',
    hint: 'See why: vesemir status ID.',
  }
  return [queued, planned(...names), ...walks, { type: 'deployment.ended', outcome: 'failed', failure }]
}

test('shows 60 failures of 4 causes on one screen, and how to retry the hosts of one', () => {
  const lines = status(manyFailures())

  expect(lines.slice(3, 12)).toEqual([
    '',
    '1. 34 hosts failed in verify: web-1, web-2, web-3, web-4, web-5, web-6, web-7, web-8 and 26 more',
    '   web-1 was not healthy in 60s: / returned 503, expected 200 (HEALTH_CHECK_FAILED)',
    '   | line 10 of web-1',
    '2. 16 hosts failed in restart: web-35, web-36, web-37, web-38, web-39, web-40, web-41, web-42 and 8 more',
    '   web-35 did not restart payments (SERVICE_FAILED)',
    '   | line 10 of web-35',
    '3. 8 hosts failed in enable: web-51, web-52, web-53, web-54, web-55, web-56, web-57, web-58',
    '   web-51 is down in lb1 (SERVER_UNHEALTHY)',
  ])
  expect(lines).toContain('  vesemir retry d-42 --cause 1    deploy only the hosts of one cause')
  expect(lines).toContain('All hosts: vesemir status d-42 --hosts')
  expect(lines.length).toBeLessThanOrEqual(24)
})

test('shows the end of the log of a service that failed', () => {
  const facts = manyFailures().filter((fact) => !('host' in fact) || ['web-1', 'web-2'].includes(fact.host))

  expect(status(facts).slice(4, 12)).toEqual([
    '2 hosts failed in verify: web-1, web-2',
    '   web-1 was not healthy in 60s: / returned 503, expected 200 (HEALTH_CHECK_FAILED)',
    ...[6, 7, 8, 9, 10].map((line) => `   | line ${line} of web-1`),
    '→ Read the output: vesemir logs d-42 --host web-1',
  ])
})

test('shows a row for each of many hosts when asked to', () => {
  const lines = statusLines(viewOf(manyFailures()), { nowMs, showsAllHosts: true }).map((line) =>
    paint(line, { colours: false }),
  )

  expect(lines.filter((line) => /^web-\d+ .* (drained|restored)$/.test(line))).toHaveLength(200)
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

test('says that a deployment is stalled, and why', () => {
  const holds = [{ cluster: 'gcp-eu', reason: 'no worker of cluster gcp-eu' }]
  const later = { nowMs: nowMs + 9 * 60_000, holds, timeZone: 'UTC' }

  const lines = statusLines(viewOf([queued]), later).map((line) => paint(line, { colours: false }))

  expect(lines).toContain('nothing for 9m 29s; no worker of cluster gcp-eu')
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

test('shows tasks in rows of their own, and the output of one that failed as a next step', () => {
  const failure = { code: 'COMMAND_FAILED', message: 'bin/migrate exited with 1 on web-1', hint: 'Show the output.' }
  const tasks = [
    { name: 'smoke', when: 'after', program: 'smoke-test' },
    { name: 'migrate', when: 'before', command: 'bin/migrate' },
    { name: 'undo', when: 'onRollback', command: 'bin/migrate --down' },
  ]

  const shown = status([
    queuedWith(tasks),
    planned('web-1'),
    { type: 'task.started', task: 'migrate', on: 'web-1' },
    { type: 'task.ended', task: 'migrate', outcome: 'failed', durationMs: 4100, failure },
    {
      type: 'deployment.ended',
      outcome: 'failed',
      failure: { code: 'TASK_FAILED', message: 'task migrate failed', hint: 'Show it: vesemir logs ID --task TASK' },
    },
  ])

  const first = shown.findIndex((line) => line.startsWith('task '))
  expect(shown.slice(first, first + 3)).toEqual([
    'task     when                   status   took  result',
    'migrate  before the first host  failed   4.1s  on web-1: bin/migrate exited with 1 on web-1 (COMMAND_FAILED)',
    'smoke    after the last host    pending',
  ])
  expect(shown).toContain('→ Show it: vesemir logs d-42 --task migrate')
  expect(shown.join('\n')).toMatch(/vesemir retry d-42 +run the failed task again and continue/)
})
