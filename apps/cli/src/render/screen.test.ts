import { expect, test } from 'vitest'
import { createScreen } from './screen.ts'

test('draws the region again under what scrolls by, each in one write', () => {
  const { writes, terminal } = aTerminal()
  const screen = createScreen(terminal)

  screen.show({ story: [['one']], region: [['host'], ['progress']], columns: 80 })
  screen.show({ story: [['two']], region: [['host'], ['progress']], columns: 80 })

  expect(writes).toEqual([
    '\r\u001b[0Jone\n\u001b[?7lhost\nprogress\n\u001b[?7h',
    '\u001b[2A\r\u001b[0Jtwo\n\u001b[?7lhost\nprogress\n\u001b[?7h',
  ])
})

test('writes nothing when nothing has changed', () => {
  const { writes, terminal } = aTerminal()
  const screen = createScreen(terminal)

  screen.show({ story: [], region: [['host']], columns: 80 })
  screen.show({ story: [], region: [['host']], columns: 80 })

  expect(writes).toHaveLength(1)
})

test('cuts the lines of the region to the width, and never those that scroll by', () => {
  const { writes, terminal } = aTerminal()

  createScreen(terminal).show({ story: [['0123456789']], region: [['01', '23456789']], columns: 6 })

  expect(writes).toEqual(['\r\u001b[0J0123456789\n\u001b[?7l01234…\n\u001b[?7h'])
})

function aTerminal() {
  const writes: string[] = []
  return { writes, terminal: { columns: 80, rows: 24, write: (text: string) => writes.push(text) } }
}
