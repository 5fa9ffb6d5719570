import type { DeploymentFact, ServersFigures } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { eventsOf, failedStory, queued } from '../testing/story.ts'
import { showTimeline } from './timeline.ts'

test('shows a deployment over time, in 80 columns', async () => {
  await using api = await startFakeApi({ events: eventsOf(failedStory) })
  const { session, output } = aSession(api.url)

  await showTimeline('d-42', session)

  const lines = output.stdout.split('\n')
  expect(lines[0]).toBe('d-42  payments 2.0.0 to production  failed  20s')
  expect(Math.max(...lines.map((line) => Array.from(line).length))).toBeLessThanOrEqual(80)
  const rows = lines
    .filter((line) => /^(need|wave|web)/.test(line))
    .map((line) => line.replaceAll(/([ a-zA-Z.])\1{2,}/gu, '$1'))
  expect(rows).toEqual([
    'need attention',
    'web-2 v✗',
    'wave 1',
    'web-1 c d. D r~',
    'web-3',
    'web-2  failed: web-2 was not healthy in 60s',
  ])
})

test('shows it as JSON, with its capacity', async () => {
  await using api = await startFakeApi({ events: eventsOf(failedStory) })
  const { session, output } = aSession(api.url, { json: true })

  await showTimeline('d-42', session)

  expect(JSON.parse(output.stdout)).toMatchObject({
    id: 'd-42',
    from: '2026-03-01T15:04:01.000Z',
    hosts: [{ host: 'web-1', bars: [{ step: 'connect' }, { step: 'drain', waits: [{}] }, {}, {}] }, {}, {}],
    capacity: [],
  })
})

const figures = (servers: number, given: Partial<ServersFigures>): ServersFigures => ({
  servers,
  requests: 1000,
  serverErrors: 0,
  connectionErrors: 0,
  responseTimeMs: 20,
  responseTimeWithinMs: 1,
  sessions: 0,
  ...given,
})
const compared = (updated: ServersFigures, peers: ServersFigures, begins?: true): DeploymentFact => ({
  type: 'peers.compared',
  lengthMs: 10_000,
  backends: [{ backend: 'web', updated, peers }],
  ...(begins ? { begins } : {}),
})
const loadBalancer = {
  kind: 'haproxy',
  boxes: { tags: ['lb'] },
  backends: ['web'],
  maxRegression: { serverErrors: '5%' },
}
const balanced = { ...queued, spec: { ...queued.spec, loadBalancer } } as unknown as DeploymentFact
const canaryStory = [
  balanced,
  ...failedStory.slice(1, -1),
  compared(figures(1, { serverErrors: 120, responseTimeMs: 1850 }), figures(3, { sessions: 45 }), true),
  compared(figures(1, { responseTimeMs: 1850 }), figures(3, { sessions: 45 })),
  compared(figures(2, { sessions: 9 }), figures(2, { requests: 10_000, sessions: 330 }), true),
]

test('shows the canary, and the waves after it, beside the old version', async () => {
  await using api = await startFakeApi({ events: eventsOf(canaryStory) })
  const { session, output } = aSession(api.url)

  await showTimeline('d-42', session)

  const lines = output.stdout.split('\n').map((line) => line.trimEnd())
  const from = lines.indexOf('web  updated servers / old version; sessions and requests by server')
  expect(lines.slice(from + 1, from + 6).map((line) => line.replaceAll(/\d\d:\d\d:\d\d/g, 'hh:mm:ss'))).toEqual([
    'since     servers  5xx          response         sessions   requests/s',
    'hh:mm:ss  1 / 3    6.0% / 0.0%  1850 ms / 20 ms  0.0 / 15   100 / 33',
    'hh:mm:ss  2 / 2    0.0% / 0.0%  20 ms / 20 ms    4.5 / 165  50 / 500',
    'since hh:mm:ss: updated servers of web perform worse than their peers, by more than maxRegression allows: 6.0% of requests answered 5xx, peers 0.0%',
    'since hh:mm:ss: updated servers of web perform as their peers do, within maxRegression',
  ])
  expect(Math.max(...lines.slice(from, from + 4).map((line) => line.length))).toBeLessThanOrEqual(80)
})

test('shows the canary as JSON, with the verdict', async () => {
  await using api = await startFakeApi({ events: eventsOf(canaryStory) })
  const { session, output } = aSession(api.url, { json: true })

  await showTimeline('d-42', session)

  expect(JSON.parse(output.stdout)).toMatchObject({
    peers: [
      {
        samples: 2,
        lengthMs: 20_000,
        backends: [{ backend: 'web', updated: { requests: 2000 }, verdict: { kind: 'worse' } }],
      },
      { samples: 1, backends: [{ backend: 'web', verdict: { kind: 'within' } }] },
    ],
  })
})
