import { expect, test } from 'vitest'
import { createTail } from './tail.ts'

test('keeps all of what is short', () => {
  const tail = createTail(10)
  tail.write(Buffer.from('abc'))
  tail.write(Buffer.from('def'))

  expect(tail.text()).toBe('abcdef')
})

test('keeps the end of what is long', () => {
  const tail = createTail(10)
  for (let i = 0; i < 100; i += 1) tail.write(Buffer.from(`${i},`))

  expect(tail.text()).toBe('96,97,98,99,'.slice(-10))
})

test('does not begin in the middle of a character', () => {
  const tail = createTail(4)
  tail.write(Buffer.from('€€'))

  expect(tail.text()).toBe('€')
})
