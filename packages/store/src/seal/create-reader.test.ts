import { expect, test } from 'vitest'
import { createWorkerSeals } from './seals.ts'

const rows = createWorkerSeals({ publicKeys: [], recordKeys: ['a key that workers share, of 32 and more'] }).rows
const parse = (text: string) => ({ parsed: { text } })

test('reads a text once, and what came to its place instead', () => {
  const [first, second] = [rows.put('the record of d-1', 'one', 'link'), rows.put('the record of d-1', 'two')]

  const reading = rows.read('the record of d-1', { sealed: first, parse })

  expect(reading).toEqual({ value: { parsed: { text: 'one' } }, link: 'link' })
  expect(rows.read('the record of d-1', { sealed: first, parse })).toBe(reading)
  expect(rows.read('the record of d-1', { sealed: second, parse })).toEqual({
    value: { parsed: { text: 'two' } },
    link: '',
  })
})

test('refuses what does not hold at a place, whatever was read there and elsewhere', () => {
  const sealed = rows.put('the record of d-1', 'one')
  rows.read('the record of d-1', { sealed, parse })

  for (const [place, text] of [
    ['the record of d-1', sealed.replace('one', 'two')],
    ['the record of d-2', sealed],
  ] as const) {
    expect(() => rows.read(place, { sealed: text, parse })).toThrow('it was changed, or belongs elsewhere')
    expect(() => rows.read(place, { sealed: text, parse })).toThrow('it was changed, or belongs elsewhere')
  }
})

test('lets nobody change what others read', () => {
  const sealed = rows.put('the record of d-1', 'one')
  const { value } = rows.read('the record of d-1', { sealed, parse })

  expect(() => Object.assign(value.parsed, { text: 'two' })).toThrow(TypeError)
})
