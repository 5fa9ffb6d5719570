import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../../..')

/** Where the machine's own time of day is meant. */
const allowed = [
  'packages/process/src/clock/system-clock.ts',
  // Compared with the times that the file system itself gives to other files.
  'packages/machines/src/changeset/git/packed-commits.ts',
  'packages/machines/src/changeset/artifact/artifact-cache.ts',
]

it('workers and the API ask their clock for the time of day, never the machine', () => {
  const files = globSync(['packages/*/src/**/*.ts', 'apps/{api,worker}/src/**/*.ts'], { cwd: root })
  const product = files.filter((file) => !/\.test\.ts$|(^packages|)\/testing\//.test(file) && !allowed.includes(file))

  const asking = product.filter((file) => /\bDate\.now\b|\bDate\(\)/.test(readFileSync(join(root, file), 'utf8')))

  expect(product.length).toBeGreaterThan(100)
  expect(asking).toEqual([])
})
