import { expect, test } from 'vitest'
import { jsonLine } from './json.ts'
import { formatDuration } from './time.ts'
import { bold, painted, plain, toText } from './text.ts'

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
  const line = [bold('web-1'), ' ', painted('\u001b[32mfailed', 'red')]

  expect(toText(line, { colours: false })).toBe('web-1 failed')
  expect(toText(line, { colours: true })).toBe('\u001b[1mweb-1\u001b[22m \u001b[31mfailed\u001b[39m')
})

test.each([
  [-5, '0ms'],
  [999, '999ms'],
  [9_999, '9.9s'],
  [59_999, '59s'],
  [192_000, '3m 12s'],
  [7_500_000, '2h 05m'],
])('says %d ms as %s', (ms, expected) => {
  expect(formatDuration(ms)).toBe(expected)
})

test('leaves no control character in JSON, which stays the same value', () => {
  const value = { text: 'a\u001b[2J\u009b\u007f' }

  const line = jsonLine(value)

  expect(line).toBe('{"text":"a\\u001b[2J\\u009b\\u007f"}\n')
  expect(JSON.parse(line)).toEqual(value)
})
