import type { Deployment, HostRecord } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { expect, it } from 'vitest'
import { countEnd, emptyDay, type PlaceHistory } from './count-end.ts'
import { addTime, mergeHistograms, percentilesOf } from './histogram.ts'
import { lastDates, reportStatistics } from './report-statistics.ts'

const failure = { code: 'INTERNAL' as const, message: 'broken' }
const hour = (hours: number) => new Date(Date.UTC(2026, 2, 1, hours)).toISOString()

function ended(
  id: string,
  status: 'succeeded' | 'failed' | 'rolled-back' | 'cancelled',
  endedAt: string,
  builtAt?: string,
) {
  const state: Deployment['state'] = status === 'succeeded' ? { status, endedAt } : { status, endedAt, failure }
  return { id, spec: aSpec(builtAt === undefined ? {} : { builtAt }), state }
}

function walked(endedAt: string, durationMs: number): HostRecord {
  return {
    target: { name: 'web-1', address: '10.0.0.1', port: 22, user: 'deploy', hostKeys: [] },
    servers: [],
    wave: 1,
    intent: 'deploy',
    attempt: 1,
    state: { status: 'succeeded', endedAt, traffic: 'restored' },
    steps: [
      { step: 'verify', status: 'succeeded', startedAt: hour(0), durationMs },
      { step: 'soak', status: 'skipped', startedAt: hour(0), durationMs: 1 },
    ],
  }
}

/** Counts ends one after the other, all on one day. */
function countAll(...ends: { deployment: ReturnType<typeof ended>; hosts?: HostRecord[] }[]) {
  let [day, history]: [typeof emptyDay, PlaceHistory] = [emptyDay, {}]
  for (const { deployment, hosts = [] } of ends) {
    const counted = countEnd(day, { deployment, hosts, history })
    if (counted) ({ day, history } = counted)
  }
  return reportStatistics(
    [{ application: 'shop', environment: 'production', days: new Map([['2026-03-01', day]]) }],
    ['2026-03-01'],
    Date.parse(hour(23)),
  ).total
}

it('reads percentiles within a tenth of what was measured, also of several histograms together', () => {
  const times = Array.from({ length: 1000 }, (_, index) => 100 + index * 37)
  const [even, odd] = [0, 1].map((rest) =>
    times.filter((_, index) => index % 2 === rest).reduce((histogram, ms) => addTime(histogram, ms), {}),
  )

  const { count, p50Ms, p90Ms } = percentilesOf(mergeHistograms([even!, odd!]))!

  expect(count).toBe(1000)
  expect(p50Ms / times[499]!).toBeGreaterThan(0.9)
  expect(p50Ms / times[499]!).toBeLessThan(1.1)
  expect(p90Ms / times[899]!).toBeGreaterThan(0.9)
  expect(p90Ms / times[899]!).toBeLessThan(1.1)
  expect(percentilesOf({})).toBeUndefined()
})

it('measures the time to restore from the first failure to the next success', () => {
  const { failed, succeeded, failureRate, restoreTime } = countAll(
    { deployment: ended('d-1', 'failed', hour(1)) },
    { deployment: ended('d-2', 'failed', hour(2)) },
    { deployment: ended('d-3', 'succeeded', hour(4)) },
    { deployment: ended('d-4', 'succeeded', hour(9)) },
  )

  expect({ failed, succeeded, failureRate }).toEqual({ failed: 2, succeeded: 2, failureRate: 0.5 })
  expect(restoreTime?.count).toBe(1)
  expect(restoreTime!.p50Ms / 3_600_000).toBeGreaterThan(2.7)
  expect(restoreTime!.p50Ms / 3_600_000).toBeLessThan(3.3)
})

it('counts a rollback as a failure that is restored, and a cancelled deployment as neither', () => {
  const report = countAll(
    { deployment: ended('d-1', 'rolled-back', hour(1)) },
    { deployment: ended('d-2', 'cancelled', hour(2)) },
    { deployment: ended('d-3', 'succeeded', hour(3)) },
  )

  expect(report).toMatchObject({ deployments: 3, rolledBack: 1, cancelled: 1, failureRate: 0.5 })
  expect(report.restoreTime).toBeUndefined()
})

it('measures the lead time where the request says when the version was built', () => {
  const report = countAll(
    { deployment: ended('d-1', 'succeeded', hour(3), hour(1)) },
    { deployment: ended('d-2', 'succeeded', hour(4)) },
    { deployment: ended('d-3', 'failed', hour(5), hour(1)) },
  )

  expect(report.leadTime?.count).toBe(1)
  expect(report.leadTime!.p50Ms / 7_200_000).toBeCloseTo(1, 0)
})

it('counts each end once, and of a retry the hosts that ended since', () => {
  const [first, second] = [walked(hour(1), 1000), walked(hour(3), 5000)]
  const report = countAll(
    { deployment: ended('d-1', 'failed', hour(2)), hosts: [first] },
    { deployment: ended('d-1', 'failed', hour(2)), hosts: [first] },
    { deployment: ended('d-1', 'succeeded', hour(4)), hosts: [first, second] },
  )

  expect(report).toMatchObject({ failed: 1, succeeded: 1 })
  expect(Object.keys(report.steps)).toEqual(['verify'])
  expect(report.steps.verify!.count).toBe(2)
})

it('sums up by weeks that end today, and leaves out places without deployments', () => {
  const now = Date.parse(hour(12))
  const dates = lastDates(10, now)
  const day = { ...emptyDay, succeeded: 1 }
  const shop = {
    application: 'shop',
    environment: 'production',
    days: new Map([
      ['2026-02-20', day],
      ['2026-03-01', day],
    ]),
  }
  const idle = { application: 'idle', environment: 'production', days: new Map() }

  const { places, weeks, from } = reportStatistics([shop, idle], dates, now)

  expect(from).toBe('2026-02-20T00:00:00.000Z')
  expect(places.map(({ application, deployments }) => [application, deployments])).toEqual([['shop', 2]])
  expect(weeks.map(({ from, deployments }) => [from.slice(0, 10), deployments])).toEqual([
    ['2026-02-20', 1],
    ['2026-02-23', 1],
  ])
})
