import { expect, test } from 'vitest'
import { requestIdOf } from './request-id.ts'

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

test('a request is named by its x-request-id, else by its trace, else by the API', () => {
  const named = requestIdOf({ headers: { 'x-request-id': 'ci/1234.5', traceparent } })
  const traced = requestIdOf({ headers: { traceparent } })
  const made = requestIdOf({ headers: {} })

  expect([named, traced]).toEqual(['ci/1234.5', '4bf92f3577b34da6a3ce929d0e0e4736'])
  expect(made).toMatch(/^[0-9a-f-]{36}$/)
})

test.each(['', 'a'.repeat(129), 'two words', 'one, two', '"quoted"', 'line\nbreak', 'ünicode', '{"a":1}'])(
  'an x-request-id of %j is replaced, not believed',
  (given) => {
    const id = requestIdOf({ headers: { 'x-request-id': given } })

    expect(id).toMatch(/^[0-9a-f-]{36}$/)
  },
)

test('a traceparent that is none names nothing', () => {
  const id = requestIdOf({ headers: { traceparent: `${traceparent}-and more` } })

  expect(id).toMatch(/^[0-9a-f]{8}-/)
})
