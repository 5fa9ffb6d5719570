import { expect, test } from 'vitest'
import { strong, toned } from '@vesemir/words'
import { jsonLine } from './json.ts'
import { plain, paint } from './paint.ts'

test.each([
  ['colours', '\u001b[31mred\u001b[0m', 'red'],
  ['the cursor and the screen', 'a\u001b[2J\u001b[1;1Hb', 'ab'],
  ['the title', '\u001b]0;title\u0007text', 'text'],
  ['an escape that never ends', 'a\u001b', 'a '],
  ['C1 controls', 'a\u009b31mb', 'ab'],
  ['line ends, tabs and bells', 'a\r\nb\tc\u0007', 'a  b c '],
  ['a turned reading direction', 'a\u202eb', 'a b'],
])('takes %s out of text', (_, text, expected) => {
  expect(plain(text)).toBe(expected)
})

test('paints only where colours are wanted, and never by what the text says', () => {
  const line = [strong('web-1'), ' ', toned('\u001b[32mfailed', 'bad')]

  expect(paint(line, { colours: false })).toBe('web-1 failed')
  expect(paint(line, { colours: true })).toBe('\u001b[1mweb-1\u001b[22m \u001b[31mfailed\u001b[39m')
})

test('leaves no control character in JSON, which stays the same value', () => {
  const value = { text: 'a\u001b[2J\u009b\u007f' }

  const line = jsonLine(value)

  expect(line).toBe('{"text":"a\\u001b[2J\\u009b\\u007f"}\n')
  expect(JSON.parse(line)).toEqual(value)
})
