import { expect, test } from 'vitest'
import { parseScreen } from './parse-screen.ts'

const esc = '\u001b['

test('a look lasts until another begins, also over the end of a line', () => {
  const screen = `a ${esc}1m${esc}32mb\nc${esc}0m d`

  const plain = { colour: 'fg', isBold: false, isDim: false }
  const green = { colour: 'green', isBold: true, isDim: false }
  expect(parseScreen(screen)).toEqual([
    [
      { text: 'a ', ...plain },
      { text: 'b', ...green },
    ],
    [
      { text: 'c', ...green },
      { text: ' d', ...plain },
    ],
  ])
})

test('several numbers in one sequence all count, and 22 and 39 take back', () => {
  const screen = `${esc}2;36ma${esc}22;39mb`

  expect(parseScreen(screen)).toEqual([
    [
      { text: 'a', colour: 'cyan', isBold: false, isDim: true },
      { text: 'b', colour: 'fg', isBold: false, isDim: false },
    ],
  ])
})
