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

test.for([
  ['payments.env', true],
  ['.env', true],
  ['config/app/payments.env', true],
  ['config/', false],
  ['/etc/payments.env', false],
  ['../payments.env', false],
  ['.vesemir-complete', false],
  ['log', false],
  ['log/payments.env', false],
  ['payments.jar', false],
] as const)('the environment file %s is taken: %s', ([environmentFile, isTaken]) => {
  const folder = { directory: '/srv/shop', shared: ['log/', 'config/app/shared.yml'], environmentFile }
  const artifact = {
    strategy: 'artifact',
    url: 'https://artifacts.example/a',
    unpack: false,
    fileName: 'payments.jar',
    ...folder,
  }
  const git = { strategy: 'git', repository: 'https://git.example/a.git', ...folder }

  expect(ArtifactChangeset.safeParse(artifact).success).toBe(isTaken)
  expect(GitChangeset.safeParse(git).success).toBe(isTaken || environmentFile === 'payments.jar')
})

test.for<[string, object, string]>([
  [
    'files of the release',
    {
      templates: [
        { from: 'config/a.tmpl', to: 'config/a' },
        { from: 'b', to: 'c/b' },
      ],
    },
    'taken',
  ],
  ['itself', { templates: [{ from: 'a', to: 'a' }] }, 'templates.0.to: is the path of another file'],
  [
    'a folder of another template',
    {
      templates: [
        { from: 'a', to: 'c' },
        { from: 'c/b', to: 'd' },
      ],
    },
    'templates.0.to: is the path',
  ],
  [
    'one file twice',
    {
      templates: [
        { from: 'a', to: 'c' },
        { from: 'b', to: 'c' },
      ],
    },
    'templates.1.to: is the path of another',
  ],
  [
    'the environment file',
    { environmentFile: 'c', templates: [{ from: 'a', to: 'c' }] },
    'templates.0.to: is the path',
  ],
  [
    'a shared path',
    { shared: ['log/'], templates: [{ from: 'a', to: 'log/a' }] },
    'templates.0.to: is the path of another',
  ],
  [
    'from a shared path',
    { shared: ['log/'], templates: [{ from: 'log/a', to: 'a' }] },
    'templates.0.from: is not a file of',
  ],
  ['out of the release', { templates: [{ from: 'a', to: '../b' }] }, 'templates.0.to:'],
  ['over the mark of the release', { templates: [{ from: 'a', to: '.vesemir-complete' }] }, 'templates.0.to:'],
  ['what is not unpacked', { unpack: false, templates: [{ from: 'a', to: 'b' }] }, 'templates: needs unpack: true'],
])('templates for %s', ([, settings, complaint]) => {
  const changeset = { strategy: 'artifact', url: 'https://artifacts.example/a', directory: '/srv/shop', ...settings }

  const said = ArtifactChangeset.safeParse(changeset).error?.issues.map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  )

  expect(said?.join() ?? 'taken').toContain(complaint)
})

test('a host cannot fetch what lies in a file of the worker', () => {
  const changeset = { strategy: 'artifact', url: 'file:///a.tar.gz', directory: '/srv/shop', transfer: 'pull' }

  expect(ArtifactChangeset.safeParse(changeset).error?.issues[0]?.path).toEqual(['transfer'])
})

test.for([
  ['http://artifacts.example/a.tar', false],
  ['http://127.evil.example/a.tar', false],
  ['http://localhost.evil.example/a.tar', false],
  ['HTTPS://artifacts.example/a.tar', false],
  ['https://artifacts.example/a.tar', true],
  ['http://127.0.0.1:8080/a.tar', true],
  ['http://localhost/a.tar', true],
] as const)('a secret header is sent to %s: %s', ([url, isTaken]) => {
  const headers = { Authorization: { secret: 'artifacts' } }
  const changeset = { strategy: 'artifact', url, headers, directory: '/srv/shop' }

  expect(ArtifactChangeset.safeParse(changeset).success).toBe(isTaken)
  expect(ArtifactChangeset.safeParse({ ...changeset, headers: {} }).success).toBe(!url.startsWith('HTTPS'))
})

test.for(['X-Amz-Signature=3ab9', 'sv=1&sig=ab', 'Signature=x'])(
  'a URL signed by %s is refused as a secret',
  (query) => {
    const url = `https://artifacts.example/a.tar?${query}`

    expect(
      ArtifactChangeset.safeParse({ strategy: 'artifact', url, directory: '/srv/shop' }).error?.issues,
    ).toMatchObject([{ path: ['url'], message: expect.stringContaining('a password or a token') as string }])
  },
)
