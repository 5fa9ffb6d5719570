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

test('keeps no more than some long texts', () => {
  const long = (index: number) => ({ place: `the record of d-${index}`, text: `${index}`.repeat(2 ** 20) })
  const texts = Array.from({ length: 9 }, (_, index) => long(index + 1)).map(({ place, text }) => ({
    place,
    sealed: rows.put(place, text),
  }))
  let parsed = 0
  const count = (text: string) => ({ length: text.length, number: (parsed += 1) })
  const readAll = (of: typeof texts) => of.forEach(({ place, sealed }) => rows.read(place, { sealed, parse: count }))

  readAll(texts.slice(0, 4))
  readAll(texts.slice(0, 4))
  expect(parsed).toBe(4)
  readAll(texts)
  expect(parsed).toBe(9)
  readAll(texts)
  expect(parsed).toBeGreaterThan(9)
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
