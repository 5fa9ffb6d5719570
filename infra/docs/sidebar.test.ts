import { expect, test } from 'vitest'
import { sidebar } from '../../docs/.vitepress/sidebar.ts'
import { pages } from './pages.ts'

test('the navigation of the site leads to every page of docs/, once', () => {
  const linked = sidebar.flatMap(({ items }) => items).map(({ link }) => `docs${link}.md`)

  expect(linked.toSorted()).toEqual(pages.filter((page) => page.startsWith('docs/')).toSorted())
})
