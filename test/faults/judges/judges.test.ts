import type { DeploymentEvent, DeploymentView } from '@vesemir/contract'
import { expect, test } from 'vitest'
import type { Fleet } from '../../../infra/fleet/fleet.ts'
import type { ServerRow } from '../../../infra/fleet/show-servers.ts'
import { untruths } from '../../support/untruths.ts'
import { phaseOfHost } from '../phase-of-host.ts'
import { judgeDurations } from './judge-durations.ts'
import { judgeServers } from './judge-servers.ts'
import { judgeWalks } from './judge-walks.ts'

const drain = (at: number) => event(at, { type: 'step.started', host: 'web-1', step: 'drain' })
const soak = (at: number) => event(at, { type: 'step.started', host: 'web-1', step: 'soak' })
const end = (at: number) => event(at, { type: 'host.ended', host: 'web-1', outcome: 'succeeded', traffic: 'restored' })

test('two deployments that have one machine out at once walk it by two', () => {
  const apart = judgeWalks([story('d-1', [drain(0), end(1_000)]), story('d-2', [drain(1_001), end(2_000)])])
  const atOnce = judgeWalks([story('d-1', [drain(0), end(1_000)]), story('d-2', [drain(999), end(2_000)])])

  expect(apart).toEqual([])
  expect(atOnce).toEqual([expect.stringMatching(/^127\.1\.1\.1 was walked by d-1 .* and by d-2 /)])
})

test('a step that took less than no time, or longer than its trial, is not plausible', () => {
  const took = (durationMs: number) =>
    event(0, { type: 'step.ended', host: 'web-1', step: 'soak', outcome: 'succeeded', durationMs })
  const { view } = story('d-1', [])

  const judge = (durationMs: number) => judgeDurations(view, { events: [took(durationMs)], trialMs: 10_000 })

  expect(judge(600)).toEqual([])
  expect(judge(-116_336)).toEqual(['d-1: soak of web-1 took -116336 ms'])
  expect(judge(122_285)).toEqual(['d-1: soak of web-1 took 122285 ms'])
})

test('a server with another weight or state than before has changed', () => {
  const row = { box: 'lb-1', backend: 'payments', server: 'web-1', adminState: 0, opState: 2, weight: 100, sessions: 0 }

  const judge = (changed: Partial<ServerRow>) => judgeServers([row], [{ ...row, ...changed }])

  expect(judge({ sessions: 5 })).toEqual([])
  expect(judge({ weight: 30 })).toEqual(['lb-1 payments/web-1 was ready with weight 100, and is ready with weight 30'])
  expect(judge({ adminState: 8 })).toEqual([expect.stringContaining('in admin state 8')])
  expect(judgeServers([row], [])).toEqual([expect.stringContaining('not there')])
})

test("a host's phase is known, but not close to the next one", () => {
  const events = [drain(10_000), soak(20_000), end(30_000)]

  const phases = [5_000, 10_100, 15_000, 25_000, 35_000].map((atMs) => phaseOfHost(events, { host: 'web-1', atMs }))

  expect(phases).toEqual(['before', undefined, 'out', 'watched', 'after'])
})

test('a record is judged by the boxes that are left, whatever took the other, and how often', async () => {
  const row = { box: 'lb-1', backend: 'payments', server: 'web-1', adminState: 0, opState: 2, weight: 100, sessions: 0 }
  const fleet = (found: Partial<ServerRow>) =>
    ({
      application: 'payments',
      boxes: [{ name: 'lb-1' }, { name: 'lb-2' }],
      hosts: [{ name: 'web-1' }],
      showServers: async () => [{ ...row, ...found }],
    }) as unknown as Fleet
  const view = { deployment: {}, hosts: [] } as unknown as DeploymentView
  const lostBoxes = ['lb-2', 'lb-2']

  expect(await untruths(fleet({}), view, { lostBoxes })).toEqual([])
  expect(await untruths(fleet({ weight: 30 }), view, { lostBoxes })).toHaveLength(1)
  expect(await untruths(fleet({}), view)).toHaveLength(1)
})

type Fact<Event = DeploymentEvent> = Event extends unknown ? Omit<Event, 'seq' | 'at'> : never

function event(ms: number, fact: Fact): DeploymentEvent {
  return { ...fact, seq: ms + 1, at: new Date(ms).toISOString() } as DeploymentEvent
}

function story(id: string, events: readonly DeploymentEvent[]) {
  const hosts = [{ target: { name: 'web-1', address: '127.1.1.1' }, state: { status: 'pending' }, steps: [] }]
  return { view: { deployment: { id }, hosts } as unknown as DeploymentView, events }
}
