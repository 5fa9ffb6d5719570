import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { createProof, createProofReader, type ScriptProof } from './script-proof.ts'

/** Reads output that comes in these pieces. */
function read(proof: ScriptProof, pieces: readonly Buffer[]) {
  const seen = { before: '', since: '' }
  const reader = createProofReader(proof, {
    before: (chunk) => void (seen.before += chunk.toString('latin1')),
    since: (chunk) => void (seen.since += chunk.toString('latin1')),
  })
  for (const piece of pieces) void reader.take(piece)
  reader.end()
  return { ...seen, hasBegun: reader.hasBegun(), status: reader.status() }
}

/** Cuts bytes into pieces of these lengths, the last as long as it comes. */
function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const [length, ...rest] = lengths
  return length === undefined || length >= bytes.length
    ? [bytes]
    : [bytes.subarray(0, length), ...cut(bytes.subarray(length), rest)]
}

const proof = createProof()
const word = proof.word.toString()
// Beginnings of the word are what a reader may take for it.
const text = fc
  .array(fc.oneof(fc.constantFrom('\n', ':0:', word.slice(0, 1), word.slice(0, 20), 'line'), fc.string()))
  .map((parts) => Buffer.from(parts.join('')).toString('latin1'))
const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 40 })

test('is taken out of output that comes in any pieces, with the status', () => {
  fc.assert(
    fc.property(text, text, text, fc.integer({ min: 0, max: 255 }), lengths, (before, during, after, status, cuts) => {
      const output = Buffer.from(`${before}${word}${during}${word}:${status}:${after}`, 'latin1')

      expect(read(proof, cut(output, cuts))).toEqual({ before, since: during + after, hasBegun: true, status })
    }),
  )
})

test('is missed where the script was not run, or not to its end, and nothing of the output is lost', () => {
  fc.assert(
    fc.property(text, text, lengths, (before, during, cuts) => {
      const notRun = read(proof, cut(Buffer.from(before, 'latin1'), cuts))
      const brokenOff = read(proof, cut(Buffer.from(`${before}${word}${during}`, 'latin1'), cuts))

      expect(notRun).toEqual({ before, since: '', hasBegun: false, status: undefined })
      expect(brokenOff).toEqual({ before, since: during, hasBegun: true, status: undefined })
    }),
  )
})

test('is not in the commands that print it, which a host may print back', () => {
  const printed = execFileSync('sh', ['-c', `${proof.begin}; set -- 7; ${proof.end}`]).toString()

  expect(printed).toBe(`${word}${word}:7:`)
  expect(`${proof.begin}; ${proof.end}`).not.toContain(word)
})
