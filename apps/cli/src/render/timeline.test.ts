import type { BackendOverTime, Timeline } from '@vesemir/core'
import { toPlainText } from '@vesemir/words'
import { expect, test } from 'vitest'
import { queued, viewOf } from '../testing/story.ts'
import { timelineLines } from './timeline.ts'

const at = (seconds: number) => new Date(Date.parse('2026-03-01T15:00:00.000Z') + seconds * 1000).toISOString()
const { deployment } = viewOf([queued])
const bar = { outcome: 'succeeded' as const, intent: 'deploy' as const, walk: 1, attempt: 1, waits: [] }

test('draws gates, tasks, waits, an end cut short and the capacity on one axis', () => {
  const until = at(90_000)
  const timeline: Timeline = {
    from: at(0),
    to: at(40_100),
    phases: [
      { status: 'running', intent: 'deploy', state: { status: 'running', since: at(0) }, from: at(0), to: at(60) },
      {
        status: 'gated',
        intent: 'deploy',
        state: { status: 'gated', since: at(60), gate: { kind: 'approval', afterWave: 1, until } },
        from: at(60),
        to: at(40_060),
      },
      {
        status: 'running',
        intent: 'deploy',
        state: { status: 'running', since: at(60) },
        from: at(40_060),
        to: at(40_100),
      },
    ],
    tasks: [{ task: 'migrate', outcome: 'failed', from: at(0), to: at(20) }],
    hosts: [
      {
        host: 'web-1',
        wave: 1,
        status: 'rolled-back',
        walks: 2,
        bars: [
          { ...bar, step: 'guard', from: at(20), to: at(60), waits: [{ waitingFor: 'x', from: at(30), to: at(60) }] },
          { ...bar, step: 'deploy', from: at(40_060), to: at(40_100), outcome: 'interrupted' },
        ],
      },
    ],
  }
  const points = [
    { at: at(0), inService: 4, needed: 1 },
    { at: at(40_060), inService: 2, needed: 1 },
  ]
  const capacity: BackendOverTime = {
    backend: 'web',
    boxes: ['lb-1'],
    atStart: 4,
    points,
    lowest: points[1]!,
  }

  const options = { nowMs: 0, columns: 35, timeZone: 'UTC' }
  const lines = timelineLines({ deployment, timeline, capacity: [capacity], peers: [] }, options).map(toPlainText)

  expect(lines.slice(1, 9)).toEqual([
    'waiting for approval after wave 1, for 11h 06m, 15:01:00 to 02:07:40',
    '',
    '              15:00:00        ',
    'deployment    -----------...-------',
    'task migrate  ttt✗                 ',
    'web-1            ggg...... DDDDDDD~',
    'web           █████████████▅▅▅▅▅▅▅▅',
    '',
  ])
  expect(lines).toContain('web-1  rolled back, 2 walks')
  expect(lines).toContain('web on lb-1: never below 2 of 4 in service; minHealthy 1')
})
