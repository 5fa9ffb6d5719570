import { createMasker } from '@vesemir/process/masking'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createOutput } from './output.ts'

const encodings = [
  (secret: string) => secret,
  (secret: string) => Buffer.from(secret).toString('base64'),
  (secret: string) => encodeURIComponent(secret),
]
const aSecret = fc.string({ minLength: 8, maxLength: 60 }).filter((text) => text === text.trim())
const aText = fc.stringMatching(/^[A-Z \n]{0,40}$/)

test('no secret comes through, however it is encoded, coloured and cut into chunks and lines; all else does', () => {
  const cases = {
    secret: aSecret,
    encoding: fc.nat(encodings.length - 1),
    before: aText,
    after: aText,
    width: fc.integer({ min: 5, max: 80 }),
    joint: fc.constantFrom('', '\n', '\r\n', '\u001b[1m', '\u001b[0m\r\n'),
    chunkBytes: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 }),
  }
  fc.assert(
    fc.property(fc.record(cases), ({ secret, encoding, before, after, width, joint, chunkBytes }) => {
      const encoded = encodings[encoding]!(secret)
      const wrapped = encoded
        .split('')
        .map((character, index) => (index % width === width - 1 ? character + joint : character))
      const lines = printed(secret, { bytes: Buffer.from(`${before}|${wrapped.join('')}|${after}`), chunkBytes })

      const shown = lines.join('\n')
      expect(shown.replaceAll('\n', '')).not.toContain(encoded)
      expect(shown).toMatch(/^[^|]*\|[^|]{0,3}(?:\n?[^|\n]{0,3})?\*\*\*[^|]*\|/s)
      expect(shown.startsWith(`${before}|`)).toBe(true)
      expect(`${shown}\n`.endsWith(`|${after.replace(/\n$/, '')}\n`)).toBe(true)
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 500) },
  )
})

/** The lines that come of bytes in chunks of these sizes. */
function printed(secret: string, { bytes, chunkBytes }: { bytes: Buffer; chunkBytes: readonly number[] }): string[] {
  const masker = createMasker()
  masker.add(secret)
  const lines: string[] = []
  const output = createOutput({ masker, onLine: ({ text }) => void lines.push(text) })
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const end = at + chunkBytes[index % chunkBytes.length]!
    void output.take('stdout', bytes.subarray(at, end))
    at = end
  }
  output.end()
  return lines
}
