import { expect, test } from 'vitest'
import { coloured, plainText } from './plain-text.ts'

test('colours become classes, and everything else that only a terminal understands goes', () => {
  const text = '\u001B[1;32mok\u001B[0m \u001B]0;title\u0007done\u0008\u001B[2J'

  expect(coloured(text)).toEqual([
    { text: 'ok', className: 'ansi-green ansi-bold' },
    { text: ' done', className: '' },
  ])
  expect(plainText(text)).toBe('ok done')
})

test('plain lines are left as they are', () => {
  expect(coloured('a <b> & \tc')).toEqual([{ text: 'a <b> & \tc', className: '' }])
})
