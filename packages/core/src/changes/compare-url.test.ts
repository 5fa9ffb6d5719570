import type { DeploymentSpec } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { compareUrl } from './compare-url.ts'

const git = (repository: string): DeploymentSpec['changeset'] => ({
  strategy: 'git',
  repository,
  revision: '{version}',
  directory: '/srv/shop',
  keepReleases: 5,
  shared: [],
  timeout: '5m',
})

test.each([
  ['https://git.example/shop/compare/v{from}...v{to}', 'https://git.example/shop/compare/v1.4.1...v1.5.0%2B7'],
  [
    'https://git.example/shop?from={fromRevision}&to={toRevision}',
    'https://git.example/shop?from=aaa&to=release%2F1.5',
  ],
])('the template %s becomes %s', (template, url) => {
  const spec = { ...aSpec(), changes: { compareUrl: template } }
  const ends = { from: { version: '1.4.1', revision: 'aaa' }, to: { version: '1.5.0+7', revision: 'release/1.5' } }

  expect(compareUrl(spec, ends)).toBe(url)
})

test.each([
  ['https://github.com/example/shop.git', 'https://github.com/example/shop/compare/aaa...bbb'],
  ['ssh://git@gitlab.com/group/part/shop.git', 'https://gitlab.com/group/part/shop/-/compare/aaa...bbb'],
  ['https://git.example/shop.git', undefined],
  ['https://github.com.example/shop.git', undefined],
])('without a template, the page of the repository %s is %s', (repository, url) => {
  const ends = {
    from: { version: '1', revision: 'aaa', repository },
    to: { version: '2', revision: 'bbb', repository },
  }

  expect(compareUrl({ ...aSpec(), changeset: git(repository) }, ends)).toBe(url)
})

test.each(['https://github.com/example/old.git', undefined])('a commit of %s is not sought at another one', (old) => {
  const ends = { from: { version: '1', revision: 'aaa', repository: old }, to: { version: '2', revision: 'bbb' } }

  expect(compareUrl({ ...aSpec(), changeset: git('https://github.com/example/shop.git') }, ends)).toBeUndefined()
})

test('there is no page where the template wants a commit that is not known', () => {
  const spec = { ...aSpec(), changes: { compareUrl: 'https://git.example/{fromRevision}...{toRevision}' } }

  expect(compareUrl(spec, { from: { version: '1' }, to: { version: '2', revision: 'bbb' } })).toBeUndefined()
  expect(compareUrl(aSpec(), { from: { version: '1' }, to: { version: '2' } })).toBeUndefined()
})
