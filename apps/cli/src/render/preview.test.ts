import type { PlanPreview } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { aServer, planned } from '../testing/story.ts'
import { previewLines } from './preview.ts'
import { paint } from './paint.ts'

const request = { application: 'payments', environment: 'production', version: '2.0.0' }
const { plan } = planned('web-1', 'web-2', 'web-3')
const [first, second, third] = plan.hosts as [(typeof plan.hosts)[0], (typeof plan.hosts)[0], (typeof plan.hosts)[0]]
const ref = (box: string, server: string) => ({ box, backend: 'payments', server })

const preview: PlanPreview = {
  plan: {
    ...plan,
    hosts: [
      { ...first, servers: [ref('lb1', 'web-1'), ref('lb2', 'web-1')], target: { ...first.target, zone: 'eu-b' } },
      { ...second, servers: [ref('lb1', 'web-2')], wave: 2 },
      { ...third, wave: 2 },
    ],
    waves: [
      { hosts: 1, concurrency: 1 },
      { hosts: 2, concurrency: 2 },
    ],
    release: {
      strategy: 'artifact',
      id: '2.0.0-ab12',
      url: 'https://artifacts.example/payments-2.0.0.tar.gz',
      sha256: 'ab12'.repeat(16),
      bytes: 12_400_000,
      unpackedBytes: 40_000_000,
      format: 'tar.gz',
    },
    warnings: ['web-3 is in no backend'],
  },
  servers: [aServer({ sessions: 3 }), aServer({ box: 'lb2', admin: 'drain', weight: 50 })],
  steps: [
    { step: 'connect', does: 'SSH to the host and to lb1, lb2' },
    { step: 'restart', does: 'sv restart payments' },
  ],
  needsYes: false,
  estimateSeconds: 192,
}

test('shows hosts by wave with their servers as they are now, what is done on each, how long it takes, and warnings', () => {
  expect(lines(preview)).toEqual([
    'payments 2.0.0 to production',
    '3 hosts in 2 waves, at most 2 at a time, behind lb1, lb2, release 2.0.0-ab12',
    'artifact https://artifacts.example/payments-2.0.0.tar.gz, 12.4 MB, sha256 ab12ab12ab12…',
    'estimated duration 3m 12s, from earlier deployments',
    '',
    'wave                     host   address    zone  box  backend   server  now      weight     sessions',
    '1: 1 host, 1 at a time   web-1  127.0.0.1  eu-b  lb1  payments  web-1   UP       100        3',
    '                                                 lb2  payments  web-1   DRAIN    50 of 100  0',
    '2: 2 hosts, 2 at a time  web-2  127.0.0.1        lb1  payments  web-2   unknown',
    '                         web-3  127.0.0.1             none',
    '',
    'step     what it does on each host',
    'connect  SSH to the host and to lb1, lb2',
    'restart  sv restart payments',
    '',
    'warning: web-3 is in no backend',
  ])
})

test('shows how few servers have to carry the load, and that a yes will be demanded', () => {
  const capacity = [
    {
      box: 'lb1',
      backend: 'payments',
      inService: 4,
      least: 1,
      sessions: 120,
      sessionsPerSecond: 35,
      sessionLimit: 100,
    },
  ]

  const shown = lines({ plan: { ...plan, capacity }, servers: [], steps: [], needsYes: true })

  expect(shown).toEqual(
    expect.arrayContaining([
      'box  backend   in service  minimum  sessions  per second  limit at minimum',
      'lb1  payments  4           1        120       35          100',
    ]),
  )
  expect(shown.at(-1)).toMatch(/^needs --yes: less than half of a backend would stay in service/)
})

test('says first what changes: versions, the page that compares them, commits and settings', () => {
  const newest = [{ id: 'ab12'.repeat(10), subject: 'Round cents', author: 'Ada', at: '2026-03-01T10:00:00.000Z' }]
  const changes: NonNullable<PlanPreview['plan']['changes']> = {
    running: [{ version: '2.1.0', hosts: 3 }],
    since: 'd-41',
    settings: [{ field: 'variables.LOG_LEVEL', change: 'changed' }],
    settingsCount: 1,
    commits: { from: '1', to: '2', added: { count: 0, newest: [] }, removed: { count: 2, newest } },
    compareUrl: 'https://git.example/2.1.0...2.0.0',
  }

  expect(lines({ ...preview, plan: { ...preview.plan, changes } }).slice(1, 8)).toEqual([
    '2.1.0 on 3 hosts → 2.0.0, a lower version',
    'https://git.example/2.1.0...2.0.0',
    '2 commits taken back',
    '  ab12ab12 Round cents (Ada)',
    '  and 1 more',
    '1 setting differs from d-41',
    '  variables.LOG_LEVEL changed',
  ])
})

test('says which commit is meant', () => {
  const repository = 'https://git.example/payments.git'
  const release = { strategy: 'git', id: '2.0.0-0123', repository, commit: '0123456789abcdef'.repeat(2) } as const

  const shown = lines({ plan: { ...plan, release }, servers: [], steps: [], needsYes: false })

  expect(shown[2]).toBe('commit 0123456789ab of https://git.example/payments.git')
})

test('says nothing of an artifact or a time that there is not', () => {
  const shown = lines({ plan, servers: [], steps: [], needsYes: false })

  expect(shown[1]).toBe('3 hosts in 1 wave, at most 2 at a time, behind lb1, lb2, release 2.0.0-ab12')
  expect(shown[2]).toBe('')
})

test.each([
  [999, '999 B'],
  [1000, '1.0 kB'],
  [5_000_000_000_000, '5000.0 GB'],
])('says %d bytes as %s', (bytes, expected) => {
  const { release } = preview.plan
  if (release.strategy !== 'artifact') throw new TypeError('not an artifact')

  expect(lines({ ...preview, plan: { ...preview.plan, release: { ...release, bytes } } })[2]).toContain(expected)
})

function lines(shown: PlanPreview): string[] {
  return previewLines(shown, request).map((line) => paint(line, { colours: false }))
}

test('shows what is done once, and when', () => {
  const tasks: PlanPreview['tasks'] = [
    { task: 'migrate', when: 'before', does: 'bin/migrate (on one host)' },
    { task: 'undo', when: 'onRollback', does: 'bin/migrate --down (on one host)' },
  ]

  const shown = lines({ ...preview, tasks })

  const first = shown.findIndex((line) => line.startsWith('task '))
  expect(shown.slice(first, first + 3)).toEqual([
    'task     when                   what it does once',
    'migrate  before the first host  bin/migrate (on one host)',
    'undo     after a rollback       bin/migrate --down (on one host)',
  ])
})
