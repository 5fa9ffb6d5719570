import { expect, test } from 'vitest'
import { createProgram, isCommand } from './program.ts'

test('each command, built alone, is what it is among all', () => {
  const { commands } = createProgram('0.0.0')
  const listed = commands.filter((command) => command.name() !== 'complete')

  for (const command of listed) {
    const [alone] = createProgram('0.0.0', command.name()).commands
    expect(alone!.helpInformation()).toBe(command.helpInformation())
    expect(isCommand(command.name())).toBe(true)
  }
})

test.each(['', 'complete', 'stauts', '--json', 'toString'])('"%s" is no command that is built alone', (word) => {
  expect(isCommand(word)).toBe(false)
})
