import { expect, test } from 'vitest'
import { ArtifactChangeset, GitChangeset } from './changeset.ts'

test.for([
  'https://user:secret@git.example/a.git',
  'https://git.example/../a.git',
  'https://git.example/a/%2e%2e/b.git',
  'ext::sh -c id',
  'ssh://-oProxyCommand=id/a.git',
  'ssh://git.example/a.git --upload-pack=id',
  'git@git.example:a.git',
  '/srv/a.git',
])('the address %s is refused', (address) => {
  expect(GitChangeset.safeParse({ strategy: 'git', repository: address, directory: '/srv/shop' }).success).toBe(false)
})

test.for(['-x', '--upload-pack=id', 'a..b', 'a b', 'v*', 'HEAD@{1}', 'a//b'])(
  'the revision %s is refused',
  (revision) => {
    const changeset = { strategy: 'git', repository: 'https://git.example/a.git', directory: '/srv/shop', revision }

    expect(GitChangeset.safeParse(changeset).success).toBe(false)
  },
)

test('addresses as people write them are taken', () => {
  for (const address of [
    'https://git.example/shop/a.git',
    'ssh://git@git.example:2222/~me/a.git',
    'file:///srv/a.git/',
  ])
    expect(GitChangeset.parse({ strategy: 'git', repository: address, directory: '/srv/shop' }).repository).toBe(
      address,
    )
})

const withShared = (shared: string[]) =>
  ArtifactChangeset.safeParse({ strategy: 'artifact', url: 'file:///a', directory: '/srv/shop', shared }).success

test.for(['/etc/passwd', '../x', 'a/../b', 'a/..', '.', './a', 'a//b', '', '-rf', 'a b', 'a;b', '$HOME'])(
  'the shared path %j is refused',
  (path) => {
    expect(withShared([path])).toBe(false)
  },
)

test('shared paths are below one another nowhere', () => {
  expect(withShared(['log/', '.env', 'config/app.yml', 'public/uploads/', 'log-old/'])).toBe(true)
  expect(withShared(['log/', 'log/app/'])).toBe(false)
  expect(withShared(['config/app.yml', 'config'])).toBe(false)
})

test('a host cannot fetch what lies in a file of the worker', () => {
  const changeset = { strategy: 'artifact', url: 'file:///a.tar.gz', directory: '/srv/shop', transfer: 'pull' }

  expect(ArtifactChangeset.safeParse(changeset).error?.issues[0]?.path).toEqual(['transfer'])
})
