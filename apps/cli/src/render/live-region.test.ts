import { expect, test } from 'vitest'
import { aServer, claimed, failedStory, planned, queued, queuedWith, viewOf } from '../testing/story.ts'
import { liveRegion } from './live-region.ts'
import { paint } from './paint.ts'

const at = (time: string) => Date.parse(`2026-03-01T${time}.000Z`)

test('shows hosts with step, time, what they wait for and their servers, and the progress of all', () => {
  const view = viewOf([
    ...failedStory.slice(0, 9),
    { type: 'host.ended', host: 'web-3', outcome: 'succeeded', traffic: 'restored' },
  ])

  expect(region(view, { nowMs: at('15:04:19'), rows: 20 })).toEqual([
    '',
    '▶ web-1  3/9 drain      12s  waiting for sessions to end: 2 on lb1 payments/web-1  lb1 DRAIN 3 sessions · lb2 DRAIN 1 session',
    '· web-2  pending',
    '✓ web-3  succeeded',
    'd-42 payments 2.0.0 to production  running  1/3 hosts, 1 running, 18s',
  ])
})

test('shows how long ended hosts took, and why one failed', () => {
  const view = viewOf([
    ...failedStory,
    {
      type: 'servers.seen',
      host: 'web-1',
      servers: [aServer({ weight: 50 }), aServer({ backend: 'api', health: 'down' })],
    },
  ])

  expect(region(view, { nowMs: at('16:00:00'), rows: 20 })).toEqual([
    '',
    '✓ web-1  succeeded      15s  lb1/payments UP weight 50 · lb1/api DOWN weight 100',
    '✗ web-2  failed        6.0s  web-2 was not healthy in 60s',
    '· web-3  pending',
    'd-42 payments 2.0.0 to production  failed  1 failed, 1/3 hosts, 20s',
  ])
})

test('shows the hosts that say most when there is no room for all', () => {
  const names = ['web-1', 'web-2', 'web-3', 'web-4', 'web-5', 'web-6']
  const view = viewOf([
    queued,
    planned(...names),
    { type: 'host.ended', host: 'web-1', outcome: 'succeeded', traffic: 'restored' },
    { type: 'host.ended', host: 'web-2', outcome: 'succeeded', traffic: 'restored' },
    { type: 'step.started', host: 'web-4', step: 'soak' },
  ])

  expect(region(view, { nowMs: at('15:04:06'), rows: 6 })).toEqual([
    '',
    '✓ web-2  succeeded',
    '▶ web-4  8/9 soak      1.0s',
    '  and 4 more',
    'd-42 payments 2.0.0 to production  running  2/6 hosts, 1 running, 5.0s',
  ])
})

test('shows a deployment that has no plan yet', () => {
  const view = viewOf([queued, claimed])

  expect(region(view, { nowMs: at('15:04:03'), rows: 20 })).toEqual([
    '',
    'd-42 payments 2.0.0 to production  planning  2.0s',
  ])
})

test('says in which wave a deployment is, its commands, and what it waits for with the time left', () => {
  const { plan } = planned('web-1', 'web-2')
  const [first, second] = plan.hosts as [(typeof plan.hosts)[0], (typeof plan.hosts)[0]]
  const waves = [
    { hosts: 1, concurrency: 1 },
    { hosts: 1, concurrency: 2 },
  ]
  const view = viewOf([
    queued,
    { type: 'deployment.planned', plan: { ...plan, waves, hosts: [first, { ...second, wave: 2 }] } },
    { type: 'host.ended', host: 'web-1', outcome: 'succeeded', traffic: 'restored' },
    { type: 'deployment.gated', gate: { kind: 'approval', afterWave: 1, until: '2026-03-01T15:14:04.000Z' } },
    { type: 'deployment.commanded', command: { command: 'approve' }, by: 'ada' },
  ])

  expect(region(view, { nowMs: at('15:04:04'), rows: 20 }).slice(3)).toEqual([
    'd-42 payments 2.0.0 to production  needs approval  wave 2/2, 1/2 hosts, 3.0s',
    'approve requested by ada; pending',
    'waiting for approval after wave 1 until 15:14:04 UTC',
    '→ vesemir approve d-42 | vesemir reject d-42',
  ])
})

test('says at 80×24 that hosts have failed, and why, whatever number of hosts is in flight', () => {
  const names = Array.from({ length: 40 }, (_, index) => `payments-web-${index + 1}.eu.example.com`)
  const causes = ['ENOSPC', 'EPERM', 'EROFS', 'EIO'].map((code) => `cannot write: ${code}`)
  const facts = names.flatMap((host, index): Parameters<typeof viewOf>[0][number][] => {
    const started = { type: 'step.started', host, step: 'deploy' } as const
    if (index < 25) return [started]
    const failure = { code: 'COMMAND_FAILED', message: `${host} ${causes[index % 4]}` }
    return [started, { type: 'host.ended', host, outcome: 'failed', traffic: 'drained', failure }]
  })
  const view = viewOf([queued, planned(...names), ...facts])

  const lines = region(view, { nowMs: at('15:05:00'), rows: 22 })

  expect(lines.length).toBeLessThanOrEqual(22)
  expect(lines.slice(1, 4).map((line) => line.slice(0, 80))).toEqual([
    expect.stringMatching(/^✗ 4 hosts failed in deploy: payments-web-26.eu.example.com cannot write: E/),
    expect.stringMatching(/^✗ 4 hosts failed in deploy: /),
    '✗ 2 more causes of failure',
  ])
  expect(lines.at(-1)!.slice(0, 80)).toContain('15 failed')
})

function region(...[view, options]: Parameters<typeof liveRegion>): string[] {
  return liveRegion(view, { ...options, timeZone: 'UTC' }).map((line) => paint(line, { colours: false }))
}

test('shows a task while it runs', () => {
  const tasks = [{ name: 'migrate', when: 'before', command: 'bin/migrate' }]
  const started = { type: 'task.started', task: 'migrate', on: 'web-1' } as const

  const shown = region(viewOf([queuedWith(tasks), planned('web-1'), started]), {
    nowMs: at('15:04:19'),
    rows: 20,
  })

  expect(shown.at(-1)).toBe('task migrate running 16s  on web-1')
})
