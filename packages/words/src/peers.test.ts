import type { DeploymentFact, ServersFigures } from '@vesemir/contract'
import { planned, queued, viewOf } from '@vesemir/core/testing'
import { expect, test } from 'vitest'
import { describePeers } from './peers.ts'
import { toPlainText } from './text.ts'

const figures = (servers: number, given: Partial<ServersFigures>): ServersFigures => ({
  servers,
  requests: 0,
  serverErrors: 0,
  connectionErrors: 0,
  responseTimeMs: 0,
  sessions: 0,
  ...given,
})
const compared = (updated: Partial<ServersFigures>): DeploymentFact => ({
  type: 'peers.compared',
  lengthMs: 1e4,
  backends: [
    {
      backend: 'web',
      updated: figures(1, updated),
      peers: figures(3, {
        requests: 900,
        responseTimeMs: 20,
        sessions: 45,
      }),
    },
  ],
})

const say = (updated: Partial<ServersFigures>, maxRegression: object | undefined) => {
  const limits = maxRegression ? { maxRegression } : {}
  const loadBalancer = { kind: 'haproxy', boxes: { tags: ['lb'] }, backends: ['web'], ...limits } as never
  const view = viewOf(queued({ loadBalancer }), planned(['web-1', 'web-2']), compared(updated))
  return describePeers(view.deployment, { timeZone: 'UTC' }).map(({ verdict, figures: text }) => [
    toPlainText(verdict),
    text,
  ])
}

test('updated servers are described by what the judge makes of them, and by the figures of both sides', () => {
  expect(say({ requests: 100, serverErrors: 12, responseTimeMs: 85, sessions: 4 }, { serverErrors: '5%' })).toEqual([
    [
      'updated servers of web perform worse than their peers, by more than maxRegression allows: 12.0% of requests answered 5xx, peers 0.0%',
      '15:03:53 to 15:04:03, 1 updated: 5xx 12.0%, response time 85 ms, sessions per server 4.0, requests/s per server 10; ' +
        '3 of the old version: 5xx 0.0%, response time 20 ms, sessions per server 15, requests/s per server 30',
    ],
  ])
})

test('in TCP mode nothing is said of 5xx and response times, which are not to be seen', () => {
  const [sentence, text] = say(
    { requests: 100, connectionErrors: 3, tcp: { brokenOff: 20, connectTimeMs: 4, connectTimeWithinMs: 1 } },
    { serverErrors: '5%' },
  )[0]!

  expect(sentence).toBe(
    'updated servers of web are not judged: the backend is in TCP mode, where only maxRegression.connectionErrors is judged, and that is not set',
  )
  expect(text).toMatch(
    /1 updated: failed to connect 3\.0%, broken off by servers 20\.0%, connection time 4 ms, sessions per server 0\.0, connections\/s per server 10; 3 of the old version: .*; in TCP mode, HAProxy sees neither 5xx nor response times$/,
  )
  expect(text).not.toMatch(/5xx \d/)
})

test('a mean that may be off by more than half of it is not told yet', () => {
  const of = (responseTimeWithinMs: number) =>
    say({ requests: 100, responseTimeMs: 80, responseTimeWithinMs }, undefined)[0]![1]

  expect(of(41)).toContain('1 updated: 5xx 0.0%, response time not known yet, ')
  expect(of(40)).toContain('1 updated: 5xx 0.0%, response time 80 ms, ')
})

test.for([
  ['perform as their peers do, within maxRegression', { requests: 100 }, { serverErrors: '5%' }],
  ['are not judged yet: they had 1 request of 50 (minRequests)', { requests: 1 }, { serverErrors: '5%' }],
  ['are not judged: loadBalancer.maxRegression is not set', { requests: 100, serverErrors: 100 }, undefined],
] as const)('updated servers %s', ([sentence, updated, limits]) => {
  expect(say(updated, limits)[0]![0]).toBe(`updated servers of web ${sentence}`)
})
