import type { BackendOverTime, StepBar } from '@vesemir/core'
import { expect, test } from 'vitest'
import { toPlainText } from './text.ts'
import { describeBar, describeCapacity, describeLane, describePhase, describeTaskBar } from './timeline.ts'

const reader = { nowMs: Date.parse('2026-03-01T15:05:00.000Z'), timeZone: 'UTC' }
const from = '2026-03-01T15:04:05.000Z'
const to = '2026-03-01T15:04:17.000Z'
const bar: StepBar = { from, to, step: 'drain', outcome: 'succeeded', intent: 'deploy', walk: 1, attempt: 1, waits: [] }

test.each<[Partial<StepBar>, string]>([
  [{}, 'drain done in 12s, 15:04:05 to 15:04:17'],
  [{ note: '4 sessions ended' }, 'drain done in 12s, 15:04:05 to 15:04:17: 4 sessions ended'],
  [{ outcome: 'interrupted' }, 'drain interrupted after 12s, 15:04:05 to 15:04:17'],
  [
    { outcome: 'failed', intent: 'rollback', walk: 2, attempt: 3 },
    'drain (on the way back, walk 2, attempt 3) failed after 12s, 15:04:05 to 15:04:17',
  ],
  [
    { waits: [{ from, to: '2026-03-01T15:04:09.000Z', waitingFor: 'sessions to end' }] },
    'drain done in 12s, 15:04:05 to 15:04:17; waited 4.0s for sessions to end',
  ],
  [
    { waits: [{ from, to, waitingFor: 'sessions to end', isLast: true }] },
    'drain done in 12s, 15:04:05 to 15:04:17; last waited for sessions to end, from 15:04:05',
  ],
  [
    { waits: [9, 6, 7, 8, 6].map((s, index) => ({ from, to: `2026-03-01T15:04:0${s}.000Z`, waitingFor: `${index}` })) },
    'drain done in 12s, 15:04:05 to 15:04:17; waited 4.0s for 0; waited 2.0s for 2; waited 3.0s for 3; and 2 more waits',
  ],
])('describes a step on a timeline: %o', (changes, sentence) => {
  expect(describeBar({ ...bar, ...changes }, reader)).toBe(sentence)
})

test('describes what lasts', () => {
  const { to: _to, ...lasting } = bar

  expect(describeBar({ ...lasting, outcome: 'running' }, reader)).toBe('drain in progress since 15:04:05')
  expect(describeTaskBar({ task: 'migrate', from, to, outcome: 'failed', note: 'exit 1' }, reader)).toBe(
    'task migrate failed after 12s, 15:04:05 to 15:04:17: exit 1',
  )
  expect(
    describePhase(
      { from, status: 'queued', intent: 'deploy', state: { status: 'queued', waitingFor: 'the lock of ada' } },
      reader,
    ),
  ).toBe('waiting for the lock of ada, since 15:04:05')
  const running = { from, status: 'running', state: { status: 'running', since: from } } as const
  expect(describePhase({ ...running, intent: 'rollback' }, reader)).toBe('rolling back, since 15:04:05')
  expect(describeLane({ host: 'web-1', wave: 1, status: 'failed', walks: 2, why: 'not healthy', bars: [] })).toBe(
    'failed, 2 walks: not healthy',
  )
})

const pointsOf = (inService: number[], needed?: number) =>
  inService.map((count) => ({ at: from, inService: count, ...(needed === undefined ? {} : { needed }) }))

test.each<[Partial<BackendOverTime>, string]>([
  [{}, 'web on lb-1, lb-2: never below 4 of 6 in service; minHealthy 3'],
  [{ points: pointsOf([6, 4, 6]), lowest: pointsOf([4])[0]! }, 'web on lb-1, lb-2: never below 4 of 6 in service'],
  [{ lacking: pointsOf([4], 5)[0]! }, 'web on lb-1, lb-2: down to 4 of 6 in service; minHealthy 5'],
  [
    { points: [...pointsOf([6, 4], 3), ...pointsOf([5], 5)] },
    'web on lb-1, lb-2: never below 4 of 6 in service; minHealthy 3 to 5',
  ],
  [{ points: pointsOf([6], 3), lowest: pointsOf([6], 3)[0]! }, 'web on lb-1, lb-2: always 6 in service; minHealthy 3'],
])('says how few servers were in service: %o', (changes, sentence) => {
  const points = pointsOf([6, 4, 6], 3)
  const known = { backend: 'web', boxes: ['lb-1', 'lb-2'], atStart: 6, points, lowest: points[1]! }

  expect(toPlainText(describeCapacity({ ...known, ...changes }))).toBe(sentence)
})
