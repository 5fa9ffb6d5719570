import { expect, test } from 'vitest'
import { eventsOf, failedStory, viewsOf } from '../testing/story.ts'
import { createJsonLines, jsonDocument, jsonLine } from './json.ts'

test('what a terminal would obey is written as JSON escapes, and reads as it was', () => {
  const value = { reason: 'a\u202Eb\u2066c\u200Fd\u009Be\u007F' }

  for (const json of [jsonLine(value), jsonDocument(value)]) {
    expect(json).toContain('a\\u202eb\\u2066c\\u200fd\\u009be\\u007f')
    expect(JSON.parse(json)).toEqual(value)
  }
})

test('of output, only the lines that a filter selects are written', () => {
  let text = ''
  const viewer = createJsonLines({ write: (line) => void (text += line), filter: { text: 'unpacked' } })

  for (const { event, view } of viewsOf(eventsOf(failedStory))) viewer.event(event, view)

  const [output, ended] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(output).toMatchObject({ type: 'log.appended', lines: [{ stream: 'stdout', text: 'unpacked' }] })
  expect(ended).toMatchObject({ type: 'step.ended', note: 'unpacked again' })
})
