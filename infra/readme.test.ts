import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ApplicationDefinition } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '..')
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'infra/README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]
const read = (page: string) => readFileSync(join(root, page), 'utf8')

test('the application in README.md can be registered as it stands there', () => {
  const [, block] = /```yaml\n(name: payments\n.*?)```/s.exec(read('README.md')) ?? []

  expect(ApplicationDefinition.safeParse(parse(block ?? '')).error).toBeUndefined()
})

test.each(pages)('%s leads nowhere but to what is there', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link]) => link!)

  expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([])
})

test.each(pages)('%s names only scripts that package.json has', (page) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = [...read(page).matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!)

  expect(named.filter((name) => !(name in scripts))).toEqual([])
})
