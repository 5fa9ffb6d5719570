import { expect, test } from 'vitest'
import { readPace } from './read-pace.ts'

test.each([
  ['', undefined],
  ['2', 2],
  ['25%', '25%'],
  ['1, 10%,50% ', [1, '10%', '50%']],
  ['many', 'many'],
])('reads %j as a pace; what cannot be one is left to the schema', (text, pace) => {
  expect(readPace(text)).toEqual(pace)
})
