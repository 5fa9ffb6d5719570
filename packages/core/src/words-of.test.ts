import { expect, it } from 'vitest'
import { hasWords, ownWords, wordsOf } from './words-of.ts'

it.each([
  ['Hotfix for the login-page, see PAY-123!', ['hotfix', 'for', 'the', 'login-page', 'see', 'pay-123']],
  ['release/1.4.2 release/1.4.2', ['release', '1.4.2']],
  ['Änderung für Łódź', ['änderung', 'für', 'łódź']],
  ['… -- !', []],
])('reads the words of %j', (text, words) => {
  expect(wordsOf(text)).toEqual(words)
})

const spec = { application: 'payments', environment: 'production', team: 'core', version: '1.4.2', reason: 'Fix login' }
const deployment = { spec, requestedBy: 'ada@example.com' } as Parameters<typeof hasWords>[0]

it.each([
  ['login fix', true],
  ['PAYMENTS 1.4.2', true],
  ['ada@example.com production core', true],
  ['log', false],
  ['login logout', false],
])('finds a deployment by %j: %j', (text, isFound) => {
  expect(hasWords(deployment, text)).toBe(isFound)
})

it('notes few words of a long reason', () => {
  const reason = Array.from({ length: 250 }, (_, index) => index).join(' ')

  expect(ownWords({ version: '1', reason })).toHaveLength(100)
})
