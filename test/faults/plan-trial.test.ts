import { expect, test } from 'vitest'
import { kinds } from './kinds.ts'
import { planTrial } from './plan-trial.ts'

const hosts = 9
const plan = (seed: number) => planTrial(seed, { hosts })

test('a seed decides all of its trial', () => {
  const seeds = Array.from({ length: 40 }, (_, index) => index + 1)

  const tell = () => seeds.map((seed) => `${plan(seed).kind}: ${plan(seed).course.what}`)

  expect(tell()).toEqual(tell())
  expect(new Set(tell()).size).toBe(seeds.length)
})

test('of two hundred seeds in a row every third loses parts, and every other kind has its share', () => {
  const picked = Array.from({ length: 200 }, (_, index) => plan(700 + index).kind)

  const counts = new Map(
    Object.entries(Object.groupBy(picked, (kind) => kind)).map(([kind, all]) => [kind, all.length]),
  )
  expect([...counts.keys()].toSorted()).toEqual(Object.keys(kinds).toSorted())
  expect(counts.get('lost parts')).toBe(66)
  for (const count of counts.values()) expect(count).toBeGreaterThanOrEqual(10)
})
