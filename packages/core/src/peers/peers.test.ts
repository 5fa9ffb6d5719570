import type { BackendPeers, DeploymentFact, HostRecord, Margins, PeersSum, ServersFigures } from '@vesemir/contract'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventsOf, planned, queued, viewOf } from '../testing/story.ts'
import { compareSides, type Sided } from './compare-sides.ts'
import { countedSince } from './counted-since.ts'
import { peersOverTime } from './peers-over-time.ts'
import { sampleIntervalMs } from './peers-watch.ts'
import { serverKey } from './server-key.ts'
import { serverFigures } from '../testing/server-figures.ts'
import { sideOf } from './sides-of.ts'
import { judgedWorse, ratesOf, verdictOn } from './verdict-on.ts'

const figuresOf = (server: string, given: Partial<Sided> = {}): Sided => ({
  ...serverFigures(server),
  side: 'peer',
  ...given,
})
/** Compares where the last look is the first one, too. */
const compare = (before: readonly Sided[], now: readonly Sided[]) => {
  const looked = new Map(before.map((server) => [serverKey(server), server]))
  return compareSides(now, { last: looked, first: looked })
}
const sumOf = (given: Partial<ServersFigures> = {}): ServersFigures => ({
  servers: 1,
  requests: 0,
  serverErrors: 0,
  connectionErrors: 0,
  responseTimeMs: 0,
  sessions: 0,
  ...given,
})
const compared = (
  updated: Partial<ServersFigures>,
  peers: Partial<ServersFigures>,
  given: { begins?: true; lengthMs?: number } = {},
): Extract<DeploymentFact, { type: 'peers.compared' }> => ({
  type: 'peers.compared',
  lengthMs: 5000,
  backends: [{ backend: 'app', updated: sumOf(updated), peers: sumOf(peers) }],
  ...given,
})

describe('what a server did between two looks', () => {
  test('is never less than nothing, nor more than there was, whenever its box was reloaded', () => {
    const step = fc.record({ requests: fc.nat(1000), errors: fc.nat(1000), isReloaded: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let shown = { requests: 0, serverErrors: 0 }
        let before = figuresOf('web-1')
        const [truth, counted] = [
          { requests: 0, serverErrors: 0 },
          { requests: 0, serverErrors: 0 },
        ]
        let process = 0
        for (const { requests, errors, isReloaded } of steps) {
          if (isReloaded) process += 1
          const serverErrors = Math.min(errors, requests)
          if (isReloaded) shown = { requests: 0, serverErrors: 0 }
          shown = { requests: shown.requests + requests, serverErrors: shown.serverErrors + serverErrors }
          const now = figuresOf('web-1', { ...shown, countedBy: `process ${process}` })
          const since = countedSince(before, now)
          expect(since.requests).toBeGreaterThanOrEqual(0)
          expect(since.serverErrors).toBeGreaterThanOrEqual(0)
          for (const count of ['requests', 'serverErrors'] as const) counted[count] += since[count]
          truth.requests += requests
          truth.serverErrors += serverErrors
          before = now
        }
        expect(counted.requests).toBeLessThanOrEqual(truth.requests)
        expect(counted.serverErrors).toBeLessThanOrEqual(truth.serverErrors)
        const isAll = counted.requests === truth.requests && counted.serverErrors === truth.serverErrors
        expect(isAll || steps.some(({ isReloaded }) => isReloaded)).toBe(true)
      }),
    )
  })
})

describe('the side of a host', () => {
  const host = (given: Partial<HostRecord>): HostRecord => ({
    target: {
      name: 'web-1',
      address: '10.0.0.1',
      port: 22,
      user: 'deploy',
      hostKeys: [],
    },
    servers: [],
    wave: 1,
    state: { status: 'pending' },
    intent: 'deploy',
    attempt: 0,
    steps: [],
    ...given,
  })
  const at = '2026-03-01T15:04:05.000Z'
  const running = (step: 'guard' | 'restart' | 'soak') => ({ state: { status: 'running', step, since: at } as const })
  const release = { id: '2.0.0-ab12' }

  test.for([
    ['the old version before it is walked', 'peer', {}],
    ['the old version while it waits for the guard', 'peer', running('guard')],
    ['neither while it is out of rotation', undefined, running('restart')],
    ['the new version while it is watched', 'updated', { ...running('soak'), release }],
    [
      'the new version once it is done',
      'updated',
      { state: { status: 'succeeded', endedAt: at, traffic: 'restored' } },
    ],
    ['neither once it has failed', undefined, { state: { status: 'failed', endedAt: at, traffic: 'drained' } }],
    ['neither when it is walked again', undefined, { ...running('guard'), release }],
    ['neither on its way back', undefined, { ...running('soak'), intent: 'rollback' }],
  ] as [string, string | undefined, Partial<HostRecord>][])('is that of %s', ([, side, given]) => {
    expect(sideOf(host(given))).toBe(side)
  })
})

describe('servers beside their peers', () => {
  test('are counted on all boxes together, each by the requests that it had since', () => {
    const before = [
      figuresOf('web-1', { side: 'updated', requests: 100, serverErrors: 1, responseTimeMs: 10, sessions: 2 }),
      figuresOf('web-2', { requests: 1000, responseTimeMs: 10, sessions: 3 }),
      figuresOf('web-2', { box: 'lb2', requests: 1000, responseTimeMs: 30, sessions: 1 }),
      figuresOf('web-3', { requests: 500, inService: false }),
    ]
    const now = [
      figuresOf('web-1', { side: 'updated', requests: 110, serverErrors: 6, responseTimeMs: 80, sessions: 2 }),
      figuresOf('web-2', { requests: 1030, responseTimeMs: 10, sessions: 3 }),
      figuresOf('web-2', { box: 'lb2', requests: 1010, responseTimeMs: 30, sessions: 1 }),
      figuresOf('web-3', { requests: 500, inService: false, responseTimeMs: 999 }),
    ]

    expect(compare(before, now)).toEqual([
      {
        backend: 'app',
        updated: sumOf({ requests: 10, serverErrors: 5, responseTimeMs: 780, responseTimeWithinMs: 11, sessions: 2 }),
        peers: sumOf({ requests: 40, responseTimeMs: 15, responseTimeWithinMs: 26, sessions: 4 }),
      },
    ])
  })

  test('have the mean time since they were first seen on their side, and the counts since the look before', () => {
    const [first, last, now] = [
      { requests: 5000, responseTimeMs: 50 },
      { requests: 5040, responseTimeMs: 58 },
      { requests: 5050, responseTimeMs: 60 },
    ].map((given) => [figuresOf('web-1', { ...given, side: 'updated' }), figuresOf('web-2')])
    const keyed = (looked: Sided[]) => new Map(looked.map((server) => [serverKey(server), server]))

    const [app] = compareSides(now!, { first: keyed(first!), last: keyed(last!) })

    expect(app!.updated).toMatchObject({ requests: 10, responseTimeMs: 157, responseTimeWithinMs: 11 })
  })

  test('have what was counted since a reload alone', () => {
    const before = [figuresOf('web-1', { side: 'updated', requests: 100, responseTimeMs: 10 }), figuresOf('web-2')]
    const reloaded = { countedBy: 'second', requests: 150, responseTimeMs: 30 }
    const now = [figuresOf('web-1', { side: 'updated', ...reloaded }), figuresOf('web-2')]

    expect(compare(before, now)[0]!.updated).toMatchObject({ requests: 150, responseTimeMs: 30 })
  })

  test('in TCP mode have no 5xx and no response time, but what broke off and the time to connect', () => {
    const tcp = (brokenOff: number) => ({ tcp: { brokenOff, connectTimeMs: 4 } })
    const before = [figuresOf('web-1', { side: 'updated', ...tcp(5) }), figuresOf('web-2', tcp(0))]
    const counts = { requests: 1000, connectionErrors: 100 }
    const now = [figuresOf('web-1', { side: 'updated', ...counts, ...tcp(55) }), figuresOf('web-2', tcp(0))]

    const { updated } = compare(before, now)[0]!

    expect(updated.tcp).toEqual({ brokenOff: 50, connectTimeMs: 4, connectTimeWithinMs: 1 })
    expect(ratesOf(updated, 5000)).toEqual({
      failedToConnect: 0.1,
      brokenOff: 0.05,
      connectTimeMs: 4,
      sessions: 0,
      connectionsPerSecond: 200,
    })
  })

  test('are not compared with what they did before they were updated', () => {
    const now = [figuresOf('web-1', { side: 'updated', requests: 9 }), figuresOf('web-2', { requests: 9 })]

    expect(compare([figuresOf('web-1'), figuresOf('web-2')], now)).toEqual([])
  })

  test('are not compared once no peer is left', () => {
    const all = [figuresOf('web-1', { side: 'updated' }), figuresOf('web-2', { side: undefined })]

    expect(compare(all, all)).toEqual([])
  })
})

describe('the sum of samples', () => {
  const events = eventsOf(
    queued(),
    planned(['web-1'], ['web-2']),
    compared({ requests: 1 }, { requests: 1 }, { begins: true }),
    compared({ requests: 10, responseTimeMs: 40, sessions: 3 }, { requests: 100, serverErrors: 1 }, { begins: true }),
    compared({ requests: 5, serverErrors: 2, responseTimeMs: 90 }, { requests: 50 }),
    compared({ requests: 0 }, { requests: 50, servers: 2 }),
  )

  test('begins again where other hosts are updated, and keeps the last response time', () => {
    const { peers } = viewOf(...events).deployment

    expect(peers).toEqual<PeersSum>({
      since: new Date(Date.parse(events[3]!.at) - 5000).toISOString(),
      at: events[5]!.at,
      samples: 4,
      lengthMs: 15_000,
      backends: [
        {
          backend: 'app',
          updated: sumOf({ requests: 15, serverErrors: 2, responseTimeMs: 90 }),
          peers: sumOf({ requests: 200, serverErrors: 1, servers: 2 }),
        },
      ],
    })
  })

  test('is drawn by rates, in stretches, with gaps where nothing was asked for', () => {
    const [app] = peersOverTime(events)

    expect(app!.points).toHaveLength(4)
    expect(app!.points[2]).toEqual({
      fromMs: Date.parse(events[4]!.at) - 5000,
      toMs: Date.parse(events[4]!.at),
      updated: { errorShare: 0.4, responseTimeMs: 90, sessions: 0, requestsPerSecond: 1 },
      peers: { errorShare: 0, sessions: 0, requestsPerSecond: 10 },
    })
    expect(app!.points[3]!.updated).toEqual({ sessions: 0, requestsPerSecond: 0 })
    expect(ratesOf(sumOf({ servers: 0, requests: 0 }), 5000)).toEqual({})
  })
})

describe('the verdict', () => {
  const limits: Margins = { serverErrors: '5%', responseTime: '50%', minRequests: 50 }
  const peers = sumOf({ servers: 3, requests: 900, serverErrors: 9, responseTimeMs: 20 })
  const of = (updated: Partial<ServersFigures>): BackendPeers => ({ backend: 'app', updated: sumOf(updated), peers })

  test.for([
    [
      'more errors',
      { requests: 100, serverErrors: 12, responseTimeMs: 20 },
      '12.0% of requests answered 5xx, peers 1.0%',
    ],
    ['slower answers', { requests: 100, responseTimeMs: 31 }, 'responds in 31 ms, peers in 20 ms'],
    [
      'what is slower for sure',
      { requests: 100, responseTimeMs: 60, responseTimeWithinMs: 10 },
      'responds in 60 ms, peers in 20 ms',
    ],
  ] as const)('is what the judge of a watched host says of %s', ([, updated, why]) => {
    expect(verdictOn(of(updated), limits)).toEqual({ kind: 'worse', why })
  })

  test('is none within the limits, without limits, and of few requests', () => {
    const fine = of({ requests: 100, serverErrors: 6, responseTimeMs: 30 })

    expect(verdictOn(fine, limits)).toEqual({ kind: 'within' })
    // By few requests, it may as well be as fast.
    const unsure = { requests: 50, responseTimeMs: 38, responseTimeWithinMs: 10 }
    expect(verdictOn(of(unsure), limits)).toEqual({ kind: 'within' })
    expect(verdictOn(fine, undefined)).toEqual({ kind: 'no-limits' })
    const tcp = of({ requests: 100, tcp: { brokenOff: 0 } })
    expect(verdictOn(tcp, limits)).toEqual({ kind: 'no-limits-for-tcp' })
    expect(verdictOn(tcp, { ...limits, connectionErrors: '5%' })).toEqual({ kind: 'within' })
    expect(verdictOn(of({ requests: 49, serverErrors: 49 }), limits)).toEqual({
      kind: 'few-requests',
      requests: 49,
      side: 'updated',
      minRequests: 50,
    })
  })

  test('that failed a host is told as it was', () => {
    const message = 'lb1 app/web-1 performs worse than its peers: 12.0% of requests answered 5xx, peers 1.0%'
    const failure = { code: 'SERVER_WORSE' as const, message, hint: '' }
    const view = viewOf(queued(), planned(['web-1', 'web-2']), {
      type: 'host.ended',
      host: 'web-1',
      outcome: 'failed',
      traffic: 'drained',
      failure,
    })

    expect(judgedWorse(view)).toEqual([message])
  })
})

test('a gate of a week has fewer than four hundred samples, and one of an hour one every other minute at the least', () => {
  let [samples, elapsedMs, hourly] = [0, 0, 0]
  while (elapsedMs < 7 * 24 * 3_600_000) {
    if (elapsedMs < 3_600_000) hourly = sampleIntervalMs(samples)
    elapsedMs += sampleIntervalMs(samples)
    samples += 1
  }

  expect(samples).toBeLessThan(400)
  expect(hourly).toBeLessThanOrEqual(120_000)
})
