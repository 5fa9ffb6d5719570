import type { Deployment, HostFact, HostRecord } from '@vesemir/contract'
import { describe, expect, test } from 'vitest'
import {
  compareHost,
  reportRelease,
  wantedAfter,
  wantedOn,
  wantedWithout,
  versionOf,
  type ReleaseReport,
} from './release-report.ts'

const place = { host: 'web-1', environment: 'production' }
const deploymentOf = (id: string, version: string) =>
  ({ id, spec: { version }, plan: { release: { id: version } } }) as unknown as Deployment

const unbalanced = { current: { release: '1.0.0' } } as HostRecord
const balanced: HostRecord = { ...unbalanced, snapshot: [] }

/** What is known after these facts, each of a deployment, one a minute. */
function known(...facts: [deployment: Deployment, fact: HostFact, host?: HostRecord][]): ReleaseReport {
  const news = facts.map(([deployment, fact, host = balanced], minute) =>
    reportRelease(fact, { deployment, host, at: `2026-01-01T00:0${minute}:00.000Z` }),
  )
  return Object.assign({}, ...news) as ReleaseReport
}

const [first, second] = [deploymentOf('d-1', '1.0.0'), deploymentOf('d-2', '2.0.0')]
const introduced = (release: string): HostFact => ({ type: 'release.introduced', host: 'web-1', release })
const ended = (
  outcome: 'succeeded' | 'failed' | 'unreachable' | 'skipped',
  traffic: 'restored' | 'untouched' | 'drained',
) => ({ type: 'host.ended', host: 'web-1', outcome, traffic }) as HostFact

test.for(['unreachable', 'failed', 'skipped'] as const)(
  'a walk that ended %s says nothing of the version',
  (outcome) => {
    const news = known(
      [first, introduced('1.0.0')],
      [first, ended('succeeded', 'restored')],
      [second, ended(outcome, 'untouched')],
    )

    expect(compareHost(place, { news, wanted: undefined })).toMatchObject({
      runs: { version: '1.0.0', deployment: 'd-1' },
      traffic: 'restored',
    })
  },
)

test('a host without a load balancer gets its traffic all along, also where another was noted', () => {
  const during = known([first, introduced('1.0.0'), unbalanced])
  const after = known(
    [first, introduced('1.0.0')],
    [first, ended('failed', 'drained')],
    [second, ended('succeeded', 'untouched'), unbalanced],
  )

  expect([during, after].map((news) => compareHost(place, { news, wanted: undefined }).traffic)).toEqual([
    'untouched',
    'untouched',
  ])
})

test('what the host says itself counts, and by whom it is where Vesemir put it there', () => {
  const seen: HostFact = { type: 'release.seen', host: 'web-1', release: '1.5.0-0a1b2c3d' }
  const news = known([first, introduced('1.0.0')], [second, seen])

  expect(compareHost(place, { news, wanted: undefined })).toEqual({
    ...place,
    runs: { release: '1.5.0-0a1b2c3d', version: '1.5.0', at: '2026-01-01T00:01:00.000Z' },
    traffic: 'drained',
  })
})

test('a host that was never deployed to drifts as long as the inventory has it', () => {
  const wanted = wantedAfter(first, { before: undefined, since: '2026-01-01T00:00:00.000Z' })

  expect(compareHost(place, { news: {}, wanted, inInventory: true })).toEqual({
    ...place,
    inInventory: true,
    wanted: { version: '1.0.0', deployment: 'd-1' },
    drift: 'expected 1.0.0, deployed by d-1',
    traffic: 'untouched',
  })
  const gone = compareHost(place, { news: known([second, introduced('2.0.0')]), wanted, inInventory: false })
  expect(gone).toMatchObject({ inInventory: false, runs: { version: '2.0.0' } })
  expect(gone).not.toHaveProperty('drift')
})

test.each([
  ['1.5.0-0a1b2c3d', '1.5.0'],
  ['feature~pay-by-card-0a1b2c3d', 'feature/pay-by-card'],
  ['feature/x', 'feature/x'],
])('the release %s is one of version %s', (release, version) => {
  expect(versionOf(release)).toBe(version)
})

test('what should run after a rollback is what should before', () => {
  const since = '2026-01-01T00:00:00.000Z'
  const one = wantedAfter(first, { before: undefined, since })
  const two = wantedAfter(second, { before: one, since })
  const back = wantedWithout('d-2', two)
  const reverted: HostFact = { type: 'release.reverted', host: 'web-1', release: '1.0.0' }

  expect(back).toEqual(one)
  expect(wantedWithout('d-2', back)).toEqual(one)
  expect(wantedAfter(second, { before: two, since })).toEqual(two)
  expect(compareHost(place, { news: known([second, reverted]), wanted: back })).not.toHaveProperty('drift')
  expect(compareHost(place, { news: known([second, introduced('2.0.0')]), wanted: back })).toMatchObject({
    wanted: { version: '1.0.0', deployment: 'd-1' },
    drift: 'expected 1.0.0, deployed by d-1',
  })
})

test('a deployment to some hosts says what these should run, until a later one to all does', () => {
  const all = wantedAfter(first, { before: undefined, since: '2026-01-01T00:00:00.000Z' })
  const canary = wantedAfter(second, { before: undefined, since: '2026-01-02T00:00:00.000Z' })
  const later = { ...all, since: '2026-01-03T00:00:00.000Z' }

  expect(wantedOn(all, undefined)).toBe(all)
  expect(wantedOn(undefined, canary)).toBe(canary)
  expect(wantedOn(all, canary)).toBe(canary)
  expect(wantedOn(later, canary)).toBe(later)
})

describe('a host may run what a changeset has begun to put in place', () => {
  const started: HostFact = { type: 'step.started', host: 'web-1', step: 'deploy' }
  const seen = (release: string): HostFact => ({ type: 'release.seen', host: 'web-1', release })
  const reverted: HostFact = { type: 'release.reverted', host: 'web-1', release: '1.0.0' }
  const proven: HostFact = { ...ended('succeeded', 'restored'), isVersionProven: true } as HostFact
  const running = (intent: HostRecord['intent'], current = '1.0.0') =>
    ({ ...balanced, intent, current: { release: current }, release: { id: '2.0.0', previous: '1.0.0' } }) as HostRecord
  const before: Parameters<typeof known> = [
    [first, introduced('1.0.0')],
    [first, proven],
  ]
  const wanted = wantedAfter(first, { before: undefined, since: '2026-01-01T00:00:00.000Z' })
  const begun = { release: '2.0.0', version: '2.0.0', deployment: 'd-2', at: '2026-01-01T00:02:00.000Z' }

  test('until that is known, and is neither as expected nor proven then', () => {
    const news = known(...before, [second, started, running('deploy')], [second, ended('unreachable', 'drained')])

    expect(compareHost(place, { news, wanted })).toMatchObject({
      runs: { version: '1.0.0', isVersionProven: false },
      mayRun: begun,
      drift: 'expected 1.0.0, deployed by d-1',
    })
    expect(compareHost(place, { news: known([second, started, running('deploy')]), wanted: undefined })).toEqual({
      ...place,
      mayRun: { ...begun, at: '2026-01-01T00:00:00.000Z' },
      traffic: 'untouched',
    })
  })

  test.for([
    ['the release was introduced', introduced('2.0.0')],
    ['the release was taken back', reverted],
    ['the host says what it runs', seen('1.0.0')],
    ['the walk ended with a proof', proven],
  ] as const)('but not once %s', ([, fact]) => {
    const news = known(...before, [second, started, running('deploy')], [second, fact])

    expect(compareHost(place, { news, wanted })).not.toHaveProperty('mayRun')
  })

  test('and on the way back what it goes back to', () => {
    const walk = known([second, introduced('2.0.0')], [second, started, running('rollback', '2.0.0')])
    const unnamed = { ...running('rollback', '2.0.0'), release: { id: '2.0.0' } }
    const commands = known([second, introduced('2.0.0')], [second, started, unnamed])

    expect(compareHost(place, { news: walk, wanted })).toMatchObject({
      runs: { version: '2.0.0' },
      mayRun: { version: '1.0.0', deployment: 'd-2' },
    })
    expect(compareHost(place, { news: commands, wanted }).mayRun).toMatchObject({ release: 'unknown' })
  })

  test.for([
    ['a way back has nothing to take out', 'rollback', '1.0.0'],
    ['the release is current already', 'deploy', '2.0.0'],
  ] as const)('still, where %s', ([, intent, current]) => {
    const news = known(...before, [second, started, running('deploy')], [second, started, running(intent, current)])

    expect(compareHost(place, { news, wanted }).mayRun).toEqual(begun)
  })

  test('unless it runs that already, or only another step began', () => {
    const again = known([second, introduced('2.0.0')], [second, started, running('deploy')])
    const restart = known(...before, [second, { ...started, step: 'restart' }, running('deploy')])

    for (const news of [again, restart]) expect(compareHost(place, { news, wanted })).not.toHaveProperty('mayRun')
  })
})
