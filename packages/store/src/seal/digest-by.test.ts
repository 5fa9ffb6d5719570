import { expect, test } from 'vitest'
import { digestBy } from './seal.ts'
import { createWorkerSeals, noSeals } from './seals.ts'

const digestOf = (recordKey: string) => digestBy(createWorkerSeals({ publicKeys: [], recordKeys: [recordKey] }).record)!
const key = 'a key that workers share, of 32 and more'

test('a digest is the same for the same text at the same place, by workers with the same key', () => {
  const digest = digestOf(key)('the value of TOKEN', 'of\ntwo lines')

  expect(digest).toMatch(/^[\w-]{22}$/)
  expect(digestOf(key)('the value of TOKEN', 'of\ntwo lines')).toBe(digest)
  expect(digestOf(key)('the value of OTHER', 'of\ntwo lines')).not.toBe(digest)
  expect(digestOf(key)('the value of TOKEN', 'of\nthree lines')).not.toBe(digest)
  expect(digestOf(`${key}!`)('the value of TOKEN', 'of\ntwo lines')).not.toBe(digest)
})

test('without a key there is no digest, which anyone could compute', () => {
  expect(digestBy(noSeals.record)).toBeUndefined()
})
