import { expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { eventsOf, failedStory } from '../testing/story.ts'
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
