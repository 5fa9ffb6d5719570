import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { shellQuote } from './shell-quote.ts'

test.for(['sh', 'bash'])('%s reads any list of arguments back as it was', (shell) => {
  const argument = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0'))

  fc.assert(
    fc.property(fc.array(argument, { minLength: 1, maxLength: 10 }), (words) => {
      const script = `printf '%s\\0' ${words.map(shellQuote).join(' ')}`
      expect(execFileSync(shell, ['-c', script]).toString().split('\0').slice(0, -1)).toEqual(words)
    }),
    { numRuns: 50, examples: [[["'", `'"'`, '', '\n', '$(id)', '-e', '\\']]] },
  )
})

test('refuses a NUL, which no argument can hold', () => {
  expect(() => shellQuote('a\0b')).toThrow(TypeError)
})
