import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './pages.ts'

test('the API cannot import what reaches machines, nor can anything that it uses', () => {
  const reached = workspacePackages('apps/api')

  // Node and the compiler look for a package in the importer's folder, then in those above it.
  const isThere = (folder: string) => existsSync(join(root, folder, 'node_modules/@vesemir/machines'))
  expect(reached).toContain('packages/store')
  expect([...reached, '', 'apps', 'packages'].filter(isThere)).toEqual([])
  expect(isThere('apps/worker')).toBe(true)
})

/** The folders of a workspace package and of all that its program depends on. */
function workspacePackages(folder: string, found = new Set<string>()): string[] {
  found.add(folder)
  const { dependencies } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(dependencies)) {
    const used = name.replace('@vesemir/', 'packages/')
    if (name.startsWith('@vesemir/') && !found.has(used)) workspacePackages(used, found)
  }
  return [...found]
}
