import { expect, test } from 'vitest'
import { z } from 'zod'
import { complaintsOf, describeIssue, fieldName } from './complaints.ts'

const Rollout = z.strictObject({ maxFailures: z.number().optional(), gates: z.array(z.string()).optional() })
const Request = z.strictObject({
  version: z.string().optional(),
  concurrency: z.number().optional(),
  rollout: Rollout.optional(),
  check: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('http'), expectBody: z.string().optional() }),
      z.strictObject({ kind: z.literal('tcp') }),
    ])
    .optional(),
  selection: z.union([z.string(), z.strictObject({ only: z.string() })]).optional(),
})

test.each<[object, string[]]>([
  [{ concurency: 1 }, ['concurency: unknown setting; did you mean concurrency?']],
  [{ Version: '1', colour: 'red' }, ['Version: unknown setting; did you mean version?', 'colour: unknown setting']],
  [{ rollout: { max_failures: 1 } }, ['rollout.max_failures: unknown setting; did you mean maxFailures?']],
  [{ check: { kind: 'http', expectedBody: 'ok' } }, ['check.expectedBody: unknown setting; did you mean expectBody?']],
  [{ selection: { only: 'a', onyl: 'b' } }, ['selection.onyl: unknown setting']],
  [{ version: '1', versions: '2' }, ['versions: unknown setting']],
  [{ ['concurency\nx']: 1 }, ['concurency\nx: unknown setting; did you mean concurrency?']],
])('names the field that was meant, unless it was given: %j', (input, complaints) => {
  const { error } = Request.safeParse(input, { error: describeIssue })

  expect(complaintsOf(error!, input).map(({ path, message }) => `${fieldName(path)}: ${message}`)).toEqual(complaints)
})

test('names unknown fields without a suggestion where their error was worded by zod', () => {
  const { error } = Request.safeParse({ concurency: 1 })

  expect(complaintsOf(error!, {})).toEqual([{ path: ['concurency'], message: 'unknown setting' }])
})
