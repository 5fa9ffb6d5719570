import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { anchorsOf, deadLinks } from './links.ts'
import { pages, readPage, root } from './pages.ts'

test.each(pages)('%s leads nowhere but to what is there', (page) => {
  const hasAnchor = (target: string, anchor: string) =>
    !target.endsWith('.md') || anchorsOf(readPage(target)).has(anchor)
  const isThere = (target: string) => existsSync(join(root, target))

  const dead = deadLinks(readPage(page), { page, folder: dirname(page), isThere, hasAnchor })

  expect(dead).toEqual([])
})

test('a link to what is not there is found, and one to a heading that is not there', () => {
  const text =
    '# A heading: *here*\n[a](b.md) [c](#a-heading-here) [d](#there) [e](https://e.example/#f) [g](h.md#i)\n![j](k.png)'

  const dead = deadLinks(text, {
    page: 'docs/a.md',
    folder: 'docs',
    isThere: (target) => target === 'docs/h.md',
    hasAnchor: (target, anchor) => target === 'docs/a.md' && anchorsOf(text).has(anchor),
  })

  expect(dead).toEqual(['b.md', '#there', 'h.md#i', 'k.png'])
})

test('headings are named as GitHub names them', () => {
  const text = '# What `next` does\n## Twice\n## Twice\n```sh\n# no heading\n```\n### a_b, c-d & é'

  expect([...anchorsOf(text)]).toEqual(['what-next-does', 'twice', 'twice-1', 'a_b-c-d--é'])
})

test.each(pages)('%s names only scripts that package.json has', (page) => {
  const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> }
  const named = [...readPage(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!)

  expect(named.filter((name) => !(name in scripts))).toEqual([])
})

test.each(pages)('%s names only files that are there', (page) => {
  const named = [...readPage(page).matchAll(/`((?:apps|infra|packages|test)\/[\w./-]+)`/g)].map(([, path]) => path!)

  // The recipes say where the files of what they make are to be.
  const isMade = (path: string) => /\/apt\/|\/steps\/warm\.ts$/.test(path)
  expect(named.filter((path) => !isMade(path) && !existsSync(join(root, path)))).toEqual([])
})
