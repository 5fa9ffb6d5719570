import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keyFamilies } from './testing/key-families.ts'

const root = join(import.meta.dirname, '../../..')

test('every kind of key in Redis has its entry, and what is tried with it is there', () => {
  const sources = globSync('packages/store/src/**/*.ts', { cwd: root, exclude: (path) => path.endsWith('.test.ts') })
  const named = sources.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/`(\$\{(?:prefix|record\(id\))\}[:-][^`]*)`/g)].map(
      ([, key]) => key!,
    ),
  )

  expect([...new Set(named)].toSorted()).toEqual(Object.keys(keyFamilies).toSorted())
  expect(
    Object.values(keyFamilies).filter((tried) => tried.includes('.test.ts') && !existsSync(join(root, tried))),
  ).toEqual([])
})
