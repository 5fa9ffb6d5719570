import type { DeploymentView, LogFact } from '@vesemir/contract'
import { applyEvent } from '@vesemir/core'
import { expect, test } from 'vitest'
import { eventsOf, failed, planned, queued } from '@vesemir/core/testing'
import { logText } from './log-text.ts'
import { LogStore } from './log-store.ts'
import { LogView } from './log-view.ts'
import { readLogFilter } from './log-filter.ts'

const all = readLogFilter(new URLSearchParams())

const output = (host: string, ...texts: string[]): LogFact => ({
  type: 'log.appended',
  host,
  step: 'deploy',
  lines: texts.map((text) => ({ stream: 'stdout', text })),
})

function logOf(events: ReturnType<typeof eventsOf>, options: { limit?: number } = {}): LogStore {
  const log = new LogStore(options)
  addTo(log, events)
  return log
}

/** Adds events with the view that they lead to, from the first of the story on. */
function addTo(log: LogStore, events: ReturnType<typeof eventsOf>, before: ReturnType<typeof eventsOf> = []): void {
  let view = before.reduce<DeploymentView | undefined>(applyEvent, undefined)
  for (const event of events) log.add(event, (view = applyEvent(view, event)))
}

function textsOf(log: LogStore, view: LogView): string[] {
  return view.shown.map((number) => log.at(number)!.text)
}

test('holds output and what happened, in words, and shows one host alone', () => {
  const log = logOf(
    eventsOf(
      queued(),
      planned(['web-1', 'web-2']),
      output('web-1', 'a', 'b'),
      output('web-2', 'c'),
      ...failed('web-1'),
    ),
  )

  expect(textsOf(log, new LogView(log, all)).slice(0, 5)).toEqual([
    'payments 2.0.0 to production, requested by ada',
    'planned: 2 hosts in 1 wave',
    'a',
    'b',
    'c',
  ])
  expect(textsOf(log, new LogView(log, { ...all, host: 'web-2' }))).toEqual(['c'])
})

test('finds lines by text, whatever the case and the colours, and the first that tells of a failure', () => {
  const log = logOf(
    eventsOf(
      queued(),
      planned(['web-1']),
      output('web-1', 'Disk \u001B[31mFull\u001B[0m', 'other'),
      ...failed('web-1'),
    ),
  )
  const view = new LogView(log, { ...all, host: 'web-1', text: 'disk full' })

  expect(view.found).toEqual([0])
  expect(log.at(view.shown[view.firstFailure!]!)?.text).toContain('HEALTH_CHECK_FAILED')
})

test('shows one step, stderr alone or what matches, and still says where lines are gone', () => {
  const log = logOf(
    eventsOf(
      queued(),
      planned(['web-1']),
      output('web-1', 'unpacked', 'disk full'),
      {
        ...output('web-1'),
        step: 'restart',
        lines: [
          { stream: 'stderr', text: 'Disk full' },
          { stream: 'stderr', text: 'gone' },
        ],
      },
      { type: 'release.introduced', host: 'web-1', release: '2.0.0-ab12' },
    ),
  )
  log.addGap({ kind: 'trimmed', from: 9, to: 9 })
  const shown = (query: string) =>
    textsOf(log, new LogView(log, readLogFilter(new URLSearchParams(query)))).slice(0, -1)

  expect(shown('step=deploy')).toEqual(['unpacked', 'disk full', expect.stringContaining('2.0.0-ab12')])
  expect(shown('output=stderr')).toEqual(['Disk full', 'gone'])
  expect(shown('text=DISK&lines=matching')).toEqual(['disk full', 'Disk full'])
  expect(shown('step=restart&output=stderr&text=disk&lines=matching')).toEqual(['Disk full'])
  expect(shown('step=nonsense&lines=matching')).toHaveLength(log.end - 1)
})

test('text of a view has each line with time, host and step, without colours', () => {
  const log = logOf(eventsOf(queued(), planned(['web-1']), output('web-1', '\u001B[31mred\u001B[0m')))
  const view = new LogView(log, { ...all, host: 'web-1' })

  expect(logText(log, view)).toEqual([expect.stringMatching(/^\d{4}-\S+Z\tweb-1\tdeploy\tred\n$/)])
})

test('a view takes in what is added later, and a line keeps its name and place', () => {
  const [first, second, third, fourth] = eventsOf(
    queued(),
    planned(['web-1']),
    output('web-1', 'a', 'b'),
    output('web-1', 'c'),
  )
  const log = logOf([first!, second!, third!])
  const view = new LogView(log, { ...all, host: 'web-1' })

  addTo(log, [fourth!], [first!, second!, third!])
  view.update()

  expect(textsOf(log, view)).toEqual(['a', 'b', 'c'])
  expect(log.find('3-1')).toBe(3)
  expect(view.subjectOf(log.find('3-1')!)).toBe(1)
  expect(log.find('3-7')).toBeUndefined()
})

test('keeps no more than it may: the oldest lines go, and a view of them knows that it is stale', () => {
  const events = eventsOf(queued(), ...Array.from({ length: 30 }, (_, index) => output('web-1', String(index))))
  const log = logOf(events.slice(0, 10), { limit: 20 })
  const view = new LogView(log, all)

  addTo(log, events.slice(10), events.slice(0, 10))

  expect(log.end - log.first).toBeLessThanOrEqual(20)
  expect(log.at(log.end - 1)?.text).toBe('29')
  expect(log.at(0)).toBeUndefined()
  expect(view.isStale).toBe(true)
})

test('says where lines are gone', () => {
  const log = new LogStore()

  log.addGap({ kind: 'trimmed', from: 5, to: 80 })

  expect(log.at(0)).toMatchObject({ kind: 'gap', text: expect.stringContaining('events 5 to 80') })
})
