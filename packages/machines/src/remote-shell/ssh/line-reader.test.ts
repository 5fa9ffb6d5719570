import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLineReader } from './line-reader.ts'

function linesOf(...chunks: (string | Uint8Array)[]): string[] {
  const lines: string[] = []
  const reader = createLineReader((text) => lines.push(text))
  for (const chunk of chunks) reader.write(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
  reader.end()
  return lines
}

test('ends lines at \\n, \\r\\n and \\r, wherever the chunks are cut', () => {
  expect(linesOf('a\nb\r', '\nc\rd\r', 'e', '\r')).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('keeps empty lines, and makes none of an end', () => {
  expect(linesOf('\n\na\n')).toEqual(['', '', 'a'])
  expect(linesOf('')).toEqual([])
})

test('gives the same lines however the bytes are cut', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\n', '\r', '\t'), maxLength: 50 })

  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 5 }), (text, size) => {
      const bytes = Buffer.from(text)
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
      expect(linesOf(...chunks)).toEqual(linesOf(bytes))
    }),
  )
})

test('replaces what is not UTF-8', () => {
  expect(linesOf(Buffer.from([0x61, 0xff, 0x62, 0xe2, 0x82]))).toEqual(['a\ufffdb\ufffd'])
})

test('leaves out colours and control characters, but not tabs', () => {
  expect(linesOf('\u001b[31mred\u001b[0m\tx\u0007\u009b\u0000y\u001b]0;title\u0007z\n')).toEqual(['red\txyz'])
})

test('gives long lines in pieces of at most 16 KiB, no character cut', () => {
  const line = `x${'😀'.repeat(20_000)}`

  const pieces = linesOf(line.slice(0, 30_001), line.slice(30_001), '\nnext')

  expect(pieces.at(-1)).toBe('next')
  expect(pieces.slice(0, -1).join('')).toBe(line)
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(16 * 1024)
  expect(pieces.every((piece) => piece.isWellFormed())).toBe(true)
})

test('lets no control character through but tabs, whatever the bytes are and however they are cut', () => {
  const pieces = ['\u001b[', '\u001b]0;', '2J', '\u0007', '\u009b', '\u0008', '\r', '\n', 'x', '\t', '\u001b', '\u007f']
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 8 }),
    fc.constantFrom(...pieces).map((text) => Buffer.from(text)),
  )

  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (chunks) => {
      for (const line of linesOf(...chunks)) expect(line).not.toMatch(/[^\P{Cc}\t]/u)
    }),
  )
})
