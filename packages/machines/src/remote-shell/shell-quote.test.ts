import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { shellQuote } from './shell-quote.ts'

const codePoint = (min: number, max: number) => fc.integer({ min, max }).map((code) => String.fromCodePoint(code))
/** All but NUL, and surrogates, which UTF-8 does not have. fast-check's own 'binary' takes a second to list them all. */
const character = fc.oneof(
  fc.constantFrom(...`'"\\$\`!*?~#&|;<>(){}[]= \t\r\n`.split('')),
  codePoint(0x1, 0x7f),
  codePoint(0x1, 0xd7ff),
  codePoint(0xe000, 0x10ffff),
)
const argument = fc.string({ unit: character, maxLength: 40, size: 'max' })
/** Many, so that few shells need to be started, and no more than a command line holds: 128 KiB. */
const list = fc.noBias(fc.array(argument, { minLength: 1, maxLength: 400, size: 'max' }))

test.for(['sh', 'bash'])('%s reads any list of arguments back as it was', (shell) => {
  fc.assert(
    fc.property(list, (words) => {
      const script = `printf '%s\\0' ${words.map(shellQuote).join(' ')}`
      // Where quoting is broken, `>` makes files.
      const output = execFileSync(shell, ['-c', script], { cwd: tmpdir() }).toString()
      expect(output.split('\0').slice(0, -1)).toEqual(words)
    }),
    { numRuns: 4, examples: [[["'", `'"'`, '', '\n', '$(id)', '-e', '\\']]] },
  )
})

test('refuses a NUL, which no argument can hold', () => {
  expect(() => shellQuote('a\0b')).toThrow(TypeError)
})
