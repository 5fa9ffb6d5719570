import { expect, test } from 'vitest'
import { limitValues } from './limit-values.ts'

test('keeps the first values of a label, and makes one of all later ones', () => {
  const limit = limitValues(2)

  expect(['a', 'b', 'c', 'a', 'd'].map(limit)).toEqual(['a', 'b', 'other', 'a', 'other'])
})
