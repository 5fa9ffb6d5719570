import { expect, test } from 'vitest'
import { GivenDefinition } from './application.ts'
import { complaintsOf, describeIssue, fieldName } from './index.ts'

function complaints(definition: object): string[] {
  const given = { name: 'payments', ...definition }
  const { error } = GivenDefinition.safeParse(given, { error: describeIssue })
  return error ? complaintsOf(error, given).map(({ path, message }) => `${fieldName(path)}: ${message}`) : []
}

const inProduction = (converge: unknown) => complaints({ environments: { production: { converge } } })

test.for(['1m', '15m', '1h30m', '7d'])('takes a schedule of every %s', (every) => {
  expect(inProduction({ every })).toEqual([])
})

test.for<[unknown, string]>([
  ['30s', '"30s" is not a duration from "1m" to "7d"'],
  ['8d', '"8d" is not a duration from "1m" to "7d"'],
  ['hourly', '"hourly" is not a duration such as "500ms", "30s", "5m" or "1h30m"'],
  [15, '15 is not a duration such as "30s" or "5m"'],
])('refuses a schedule of every %s', ([every, why]) => {
  expect(inProduction({ every })).toEqual([`environments.production.converge.every: ${why}`])
})

test('takes a schedule for an environment alone: nobody has to find out where it holds', () => {
  expect(complaints({ converge: { every: '15m' } })).toEqual(['converge: unknown setting'])
})
