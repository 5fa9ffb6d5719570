import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMasker } from './create-masker.ts'

const secret = 'hunter2/ö+ &'

const encodings = {
  plain: (text: string) => text,
  base64: (text: string) => Buffer.from(text).toString('base64'),
  base64url: (text: string) => Buffer.from(text).toString('base64url'),
  'URL-encoded': encodeURIComponent,
  'URL-encoded as in a form': (text: string) => new URLSearchParams({ a: text }).toString().slice(2),
  JSON: (text: string) => JSON.stringify(text).slice(1, -1),
}
type Encoding = keyof typeof encodings
const anEncoding = fc.constantFrom(...(Object.keys(encodings) as Encoding[]))
const aSecret = fc
  .oneof(
    fc.string({ minLength: 8, maxLength: 40 }),
    fc.string({ minLength: 8, maxLength: 40, unit: 'grapheme' }),
    fc
      .array(fc.stringMatching(/^[A-Za-z0-9+/]{8,64}$/), { minLength: 2, maxLength: 5 })
      .map((lines) => lines.join('\n')),
  )
  .filter((text) => text.isWellFormed() && !/[\r]|^\s|\s$/.test(text))
const runs = { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 1000) }

test.for(Object.keys(encodings) as Encoding[])('masks a secret that is %s, and nothing around it', (encoding) => {
  const text = `before ${encodings[encoding](secret)} after`

  expect(maskerOf(secret).mask(text)).toMatch(/^before .{0,2}\*\*\*.{0,3} after$/)
})

test('masks a secret in the base64 of a longer text', () => {
  for (const before of ['', 'a', 'ab', 'abc']) {
    const text = Buffer.from(`${before}${secret}:x`).toString('base64')

    expect(maskerOf(secret).mask(text)).toContain('***')
  }
})

test('masks a secret in the texts of data, and leaves the rest as it is', () => {
  const data = { type: 'step.ended', durationMs: 3, lines: [{ text: `token ${secret}` }], note: null }

  expect(maskerOf(secret).maskAll(data)).toEqual({ ...data, lines: [{ text: 'token ***' }] })
})

test.each([
  [
    'https://s3.example/a.tar?X-Amz-Date=1&X-Amz-Signature=3ab9&x=1 broke off',
    'https://s3.example/a.tar?X-Amz-Date=1&X-Amz-Signature=***&x=1 broke off',
  ],
  ['GET /a?sv=2&sig=ab%2Fc%3D 403', 'GET /a?sv=2&sig=*** 403'],
  [
    '"https://b.example/a?GoogleAccessId=a&Signature=x/y==&token=t"',
    '"https://b.example/a?GoogleAccessId=a&Signature=***&token=***"',
  ],
  ['/sign-in/corp/callback?code=c0de&state=s', '/sign-in/corp/callback?code=***&state=s'],
  ['redis://ada:hunter2@db:6379', 'redis://ada:***@db:6379'],
  ['curl -d a=1 https://a.example/?page=2', 'curl -d a=1 https://a.example/?page=2'],
])('masks signatures, tokens and passwords in URLs, whether it knows them or not: %s', (text, masked) => {
  const masker = createMasker()
  const passed: string[] = []

  masker.lines((line) => passed.push(line)).write(text)

  expect([masker.mask(text), ...passed, masker.maskAll([{ text }])]).toEqual([masked, masked, [{ text: masked }]])
})

test('passes a line on at once when at most three of its last characters could begin a secret', () => {
  const { lines, passed } = maskedLines(secret)

  lines.write('a line with hun')
  lines.write('ter2/ö+ & and more')

  expect(passed).toEqual(['a line with hun', '*** and more'])
})

test('holds a line back that a secret begins in, until it is known what follows', () => {
  const { lines, passed } = maskedLines(secret)

  lines.write('first')
  lines.write('token hunter2')
  expect(passed).toEqual(['first'])
  lines.write('/ö+ & and more')
  lines.write('a hunter, after all')
  lines.write('hunter')
  lines.end()

  expect(passed).toEqual(['first', 'token *** and more', 'a hunter, after all', 'hunter'])
})

test('forgets the secret that was added longest ago, of more than a thousand', () => {
  const masker = createMasker()
  for (let number = 0; number <= 1000; number += 1) masker.add(`secret-${String(number).padStart(4, '0')}`)
  masker.add('secret-0001')

  expect(masker.mask('secret-0000 secret-0001 secret-1000')).toBe('secret-0000 *** ***')
})

describe('whatever the secrets and the lines are', () => {
  test('no secret is in the lines that are passed on, in none of its encodings', () => {
    fc.assert(
      fc.property(
        fc.array(aSecret, { minLength: 1, maxLength: 3 }),
        fc.array(fc.oneof(fc.string({ maxLength: 30 }), fc.record({ of: fc.nat(2), encoding: anEncoding })), {
          maxLength: 8,
        }),
        fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 10 }),
        (secrets, parts, lengths) => {
          const printed = parts
            .map((part) =>
              typeof part === 'string' ? part : encodings[part.encoding](secrets[part.of % secrets.length]!),
            )
            .join('')
          const { lines, passed } = maskedLines(...secrets)

          for (const line of cut(printed, lengths)) lines.write(line)
          lines.end()

          const shown = passed.join('')
          for (const each of secrets)
            for (const encode of Object.values(encodings)) expect(shown).not.toContain(withoutEnds(encode(each)))
        },
      ),
      runs,
    )
  })

  test('lines without a secret are passed on unchanged', () => {
    fc.assert(
      fc.property(aSecret, fc.array(fc.stringMatching(/^[a-z ]{0,7}$/), { maxLength: 10 }), (unseen, printed) => {
        fc.pre(!createsSecret(unseen, printed))
        const { lines, passed } = maskedLines(unseen)

        for (const line of printed) lines.write(line)
        lines.end()

        expect(passed).toEqual(printed)
      }),
      runs,
    )
  })
})

function maskerOf(...secrets: string[]) {
  const masker = createMasker()
  for (const each of secrets) masker.add(each)
  return masker
}

function maskedLines(...secrets: string[]) {
  const passed: string[] = []
  return { lines: maskerOf(...secrets).lines((line) => passed.push(line)), passed }
}

/** Cuts a text at its line ends, and into lines of these lengths besides. */
function cut(text: string, lengths: readonly number[]): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = []
    for (let at = 0, index = 0; at < line.length || index === 0; index += 1) {
      const length = lengths[index % lengths.length]!
      lines.push(line.slice(at, at + length))
      at += length
    }
    return lines
  })
}

function withoutEnds(text: string): string {
  return text.replaceAll('\n', '')
}

function createsSecret(secret: string, lines: readonly string[]): boolean {
  return maskerOf(secret).mask(lines.join('')) !== lines.join('')
}
