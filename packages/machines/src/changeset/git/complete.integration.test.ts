import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { failure } from '../testing/release-bench.ts'
import { startGitServer } from './testing/start-git-server.ts'
import { useGitBench, type Repository } from './testing/git-bench.ts'

const { bench, shop, repository, worker, pin, contextOf } = useGitBench()

const image = Buffer.alloc(3000, 'image')

/** Publishes an image that Git LFS keeps, in a folder that says so itself. */
function publishImage(version: string, { git, write, publish }: Repository = shop()): string {
  git('lfs', 'install', '--local')
  write({
    'assets/.gitattributes': '*.png filter=lfs diff=lfs merge=lfs -text\n.gitattributes export-ignore\n',
    'assets/logo.png': image,
  })
  return publish(version)
}

/** What a deployed version consists of. */
async function deployed(version: string, on = worker()): Promise<string[]> {
  await on.introduce(await pin(version, {}, on), contextOf())
  const names = readdirSync(join(bench.directory, 'current'), { recursive: true, withFileTypes: true })
  return names
    .filter((entry) => !entry.isDirectory() && entry.name !== '.vesemir-complete')
    .map((entry) => join(entry.parentPath, entry.name).split('/current/')[1]!)
    .toSorted()
}

const current = (path: string) => readFileSync(join(bench.directory, 'current', path))

/** A worker of which only these programs are there. */
function workerWith(...programs: string[]) {
  const bin = join(bench.folder, 'worker-bin')
  mkdirSync(bin)
  for (const name of ['sh', ...programs]) symlinkSync(join('/usr/bin', name), join(bin, name))
  return worker('worker-2', { env: { PATH: bin } })
}

describe('files of Git LFS', () => {
  test('are deployed, not their pointers, whatever git on the worker leaves out', async () => {
    publishImage('1.0.0')
    const config = join(bench.folder, 'gitconfig')
    writeFileSync(config, '[lfs]\n\tfetchexclude = assets\n[filter "lfs"]\n\tsmudge = cat\n\tprocess =\n')
    const on = worker('worker-1', { env: { GIT_CONFIG_GLOBAL: config, GIT_LFS_SKIP_SMUDGE: '1' } })

    expect(await deployed('1.0.0', on)).toEqual(['assets/logo.png', 'version'])
    expect(current('assets/logo.png')).toEqual(image)
  })

  test('come from where .lfsconfig says, when the worker may read there', async () => {
    publishImage('1.0.0')
    const assets = repository('assets')
    shop().write({ '.lfsconfig': `[lfs]\n\turl = ${assets.url}\n` })
    shop().git('-c', `lfs.url=${assets.url}`, 'lfs', 'push', '--all', 'origin')
    rmSync(join(bench.folder, 'origin/shop.git/lfs'), { recursive: true })
    shop().publish('1.0.1')
    shop().write({ '.lfsconfig': '[lfs]\n\turl = https://lfs.example/\n' })
    shop().publish('1.0.2')

    expect(await deployed('1.0.1')).toContain('assets/logo.png')
    expect(current('assets/logo.png')).toEqual(image)
    expect(await failure(pin('1.0.2'))).toMatchObject({
      code: 'REPOSITORY_INCOMPLETE',
      message: expect.stringContaining('the lfs.url of its .lfsconfig, which is not below') as unknown,
    })
  })

  test('come by HTTPS, with the password of the worker, from a server that is busy at first', async () => {
    publishImage('1.0.0')
    await using server = await startGitServer(join(bench.folder, 'origin'), bench.folder)
    server.busy = 1
    const on = worker('worker-1', { repositories: [server.url], env: server.env })
    const settings = { repository: `${server.url}shop.git` }

    await on.introduce(await pin('1.0.0', settings, on), contextOf(settings))

    expect(current('assets/logo.png')).toEqual(image)
    expect(server.busy).toBe(0)
  })

  test('that a server does not have are named', async () => {
    publishImage('1.0.0')
    rmSync(join(bench.folder, 'origin/shop.git/lfs'), { recursive: true })
    await using server = await startGitServer(join(bench.folder, 'origin'), bench.folder)
    const on = worker('worker-1', { repositories: [server.url], env: server.env })

    expect(await failure(pin('1.0.0', { repository: `${server.url}shop.git` }, on))).toMatchObject({
      code: 'REPOSITORY_INCOMPLETE',
      message: expect.stringContaining('has a file of Git LFS that cannot be read: assets/logo.png') as unknown,
    })
  })

  test('need git-lfs on the worker, and nothing else does', async () => {
    shop().publish('1.0.0')
    publishImage('1.0.1')
    const on = workerWith('git', 'cat')

    expect(await deployed('1.0.0', on)).toEqual(['version'])
    expect(await failure(pin('1.0.1', {}, on))).toMatchObject({
      code: 'WORKER_TOOL_MISSING',
      message: expect.stringMatching(/^git-lfs is not installed on this worker, and file:.*\/shop.git at /) as unknown,
    })
  })

  test('that were never pushed are named', async () => {
    publishImage('1.0.0')
    rmSync(join(bench.folder, 'origin/shop.git/lfs'), { recursive: true })

    expect(await failure(pin('1.0.0'))).toMatchObject({
      code: 'REPOSITORY_INCOMPLETE',
      message: expect.stringContaining('has a file of Git LFS that cannot be read: assets/logo.png') as unknown,
    })
  })
})

test.each([
  ['pointer of Git LFS that no filter replaces', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n'],
  ['file that git-crypt encrypted', Buffer.from('\0GITCRYPT\0secret')],
])('a %s is not deployed', async (_, content) => {
  shop().write({ 'assets/logo.png': content })
  shop().publish('1.0.0')

  expect(await failure(pin('1.0.0'))).toMatchObject({
    code: 'REPOSITORY_INCOMPLETE',
    message: expect.stringContaining('has the file "assets/logo.png" as ') as unknown,
  })
})

describe('submodules', () => {
  test('are deployed, theirs too, each as its own commit has it', async () => {
    const [lib, fonts] = [repository('lib'), repository('fonts')]
    const linked = publishImage('0.1', fonts)
    lib.write({ 'docs/manual': 'x', '.gitattributes': 'docs export-ignore\nrevision export-subst\n' })
    lib.write({ revision: '$Format:%H$' })
    lib.link('fonts', linked, fonts.url)
    const commit = lib.publish('0.2')
    shop().link('vendor/the lib', commit, '../lib.git')
    shop().publish('1.0.0')
    lib.write({ later: 'x' })
    lib.publish('0.3')

    expect(await deployed('1.0.0')).toEqual([
      '.gitmodules',
      'vendor/the lib/.gitattributes',
      'vendor/the lib/.gitmodules',
      'vendor/the lib/fonts/assets/logo.png',
      'vendor/the lib/fonts/version',
      'vendor/the lib/revision',
      'vendor/the lib/version',
      'version',
    ])
    expect(current('vendor/the lib/revision').toString()).toBe(commit)
    expect(current('vendor/the lib/fonts/assets/logo.png')).toEqual(image)
  })

  test('that export-ignore leaves out are not fetched', async () => {
    shop().link('tests/lib', '1'.repeat(40), '../none.git')
    shop().write({ '.gitattributes': 'tests export-ignore\n' })
    shop().publish('1.0.0')

    expect(await deployed('1.0.0')).toEqual(['.gitattributes', '.gitmodules', 'version'])
  })

  test.each([
    ['a commit that was never pushed', '../lib.git', 'lib.git has no commit 1111'],
    ['no URL', undefined, 'and its .gitmodules no https:, ssh: or file: URL for it'],
    [
      'a password in its URL',
      'https://ada:hunter2@git.example/lib',
      'and its .gitmodules no https:, ssh: or file: URL',
    ],
    ['a URL of others', 'git@git.example:shop/lib.git', 'ssh://git@git.example/shop/lib.git is not below one of'],
    ['a repository that is gone', '../none.git', 'origin/none.git cannot be read: '],
  ])('are missing with %s: the plan is refused', async (_, url, words) => {
    repository('lib').publish('0.1')
    shop().link('vendor/lib', '1'.repeat(40), url)
    shop().publish('1.0.0')

    const error = await failure(pin('1.0.0'))

    expect(error.code).toBe('REPOSITORY_INCOMPLETE')
    expect(error.message).toContain('has the submodule vendor/lib, ')
    expect(error.message).toContain(words)
    expect(error.message).not.toContain('hunter2')
  })
})

test('a version may have slashes, as branches do', async () => {
  shop().publish('feature/pay-by-card')

  const { id } = await pin('feature/pay-by-card')

  expect(id).toMatch(/^feature~pay-by-card-[0-9a-f]{8}$/)
  expect(await deployed('feature/pay-by-card')).toEqual(['version'])
  expect(bench.releases()).toEqual([id])
})
