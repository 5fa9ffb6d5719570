import { expect, test } from 'vitest'
import { eventsOf, failedStory, planned, queued, viewsOf } from '../testing/story.ts'
import { createLines } from './lines.ts'
import { paint } from './paint.ts'
import type { EventFilter } from './event-filter.ts'

test('says each fact of a deployment in a line with its time, place and step', () => {
  const lines = linesOf(failedStory)

  expect(lines).toEqual([
    '15:04:01 d-42               payments 2.0.0 to production, requested by ada: hotfix',
    '15:04:02 d-42               planning on worker-1',
    '15:04:03 d-42               planned: 3 hosts in 1 wave',
    '15:04:03 d-42               at most 2 at a time, behind lb1, lb2, release 2.0.0-ab12',
    '15:04:06 web-1     connect  done in 210ms',
    '15:04:08 web-1     drain    lb1 DRAIN 3 sessions · lb2 DRAIN 1 session',
    '15:04:09 web-1     drain    waiting for sessions to end: 2 on lb1 payments/web-1',
    '15:04:10 web-1     drain    done in 4.1s: 4 sessions ended',
    '15:04:11 web-1     deploy   deploying 2.0.0-ab12',
    '15:04:12 web-2              taken over by worker-2, attempt 2',
    '15:04:14 web-1     deploy   | unpacked',
    '15:04:14 web-1     deploy   | warning: slow  disk',
    '15:04:15 web-1     deploy   release 2.0.0-ab12 in place, previous 1.9.0-77aa',
    '15:04:16 web-1     deploy   done in 3.9s: unpacked again',
    '15:04:17 web-1     restart  running sv restart payments',
    '15:04:18 web-2     verify   failed after 1m 00s: web-2 was not healthy in 60s',
    '15:04:19 web-2              failed: web-2 was not healthy in 60s (HEALTH_CHECK_FAILED); receives no traffic',
    "15:04:19 web-2              → Read the step's output: vesemir logs d-42 --host web-2",
    '15:04:20 web-1              succeeded; traffic restored',
    '15:04:21 d-42               failed after 20s: hosts: 1 failed, 1 not started, 1 succeeded (HOSTS_FAILED)',
    '15:04:21 d-42               → See why: vesemir status d-42.',
  ])
})

test('passes over an event of a type that only a newer API knows', () => {
  const newer = { type: 'host.moved', host: 'web-1' } as unknown as (typeof failedStory)[number]

  expect(linesOf([...failedStory, newer])).toEqual(linesOf(failedStory))
})

test.each<[EventFilter, string[]]>([
  [{ host: 'web-1', step: 'restart' }, ['15:04:17 web-1     restart  running sv restart payments']],
  [{ host: 'web-3' }, []],
  [{ stderr: true }, ['15:04:14 web-1     deploy   | warning: slow  disk']],
  [
    { text: 'UNPACKED' },
    ['15:04:14 web-1     deploy   | unpacked', '15:04:16 web-1     deploy   done in 3.9s: unpacked again'],
  ],
  [{ stderr: true, text: 'unpacked' }, []],
  [{ text: 'warning: SLOW' }, ['15:04:14 web-1     deploy   | warning: slow  disk']],
])('says only what is meant by %o', (filter, expected) => {
  expect(linesOf(failedStory, filter)).toEqual(expected)
})

test('says the warnings of a plan, what an earlier deployment left, and a success', () => {
  const plan = planned('web-1')
  const lines = linesOf([
    queued,
    { ...plan, plan: { ...plan.plan, warnings: ['web-1: lb1 payments/web-1 is in maint already'] } },
    { type: 'servers.snapshotted', host: 'web-1', servers: [], leftOut: true },
    { type: 'deployment.ended', outcome: 'succeeded' },
  ])

  expect(lines.slice(3)).toEqual([
    '15:04:02 d-42               warning: web-1: lb1 payments/web-1 is in maint already',
    '15:04:03 web-1     drain    left out of rotation by an earlier deployment',
    '15:04:04 d-42               succeeded after 3.0s',
  ])
})

test('says what was trimmed among the lines, and tells of the connection beside them', () => {
  const printed: string[] = []
  const told: string[] = []
  const lines = createLines({
    print: (line) => printed.push(paint(line, { colours: false })),
    notify: (line) => told.push(paint(line, { colours: false })),
  })

  lines.trimmed({ kind: 'trimmed', from: 3, to: 9 })
  lines.connection({ state: 'back' })

  expect(printed).toEqual(['Log lines 3 to 9 were trimmed'])
  expect(told).toEqual(['reconnected'])
})

function linesOf(facts: Parameters<typeof eventsOf>[0], filter: EventFilter = {}): string[] {
  const printed: string[] = []
  const print = (line: Parameters<typeof paint>[0]) => void printed.push(paint(line, { colours: false }))
  const lines = createLines({ print, notify: print, filter, timeZone: 'UTC' })
  for (const { event, view } of viewsOf(eventsOf(facts))) lines.event(event, view)
  return printed
}
