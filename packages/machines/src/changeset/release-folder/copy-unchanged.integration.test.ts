import type { RemoteSession } from '@vesemir/core'
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { anArtifactChangeset } from '../testing/a-spec.ts'
import { artifacts } from '../testing/an-artifact.ts'
import { hostWith } from '../testing/host-tools.ts'
import { failure, useReleaseBench, type ArtifactRelease, type Context } from '../testing/release-bench.ts'

const bench = useReleaseBench()
const mebibyte = 1024 * 1024

let worker: Parameters<typeof artifacts>
let settings: Parameters<typeof bench.introduce>[1]
beforeEach(() => {
  worker = [{ folders: [bench.folder], cache: { folder: join(bench.folder, 'cache') } }]
  settings = {}
  execFileSync('sh', ['-c', `cd ${bench.folder} && mkdir app && head -c ${1.5 * mebibyte} /dev/urandom > app/ballast`])
})

/** Packs `app` as a version, as it is in the folder, and pins it. */
async function release(version: string, { pack = '-czf', root = '-C app .' } = {}): Promise<ArtifactRelease> {
  writeFileSync(join(bench.folder, 'app', 'version'), version)
  execFileSync('sh', ['-c', `cd ${bench.folder} && tar ${pack} shop-${version}.tar.gz ${root}`])
  return bench.pin(version, settings, worker)
}

const introduce = (pinned: ArtifactRelease, context: Context = {}) =>
  bench.introduce(pinned, settings, { worker, ...context })

/** Introduces a release by a session that counts what is sent to the host. */
async function introduceCounted(pinned: ArtifactRelease, session: RemoteSession = bench.session) {
  let sentBytes = 0
  const counted: RemoteSession = {
    ...session,
    run(script, { input, ...options }) {
      async function* count() {
        for await (const chunk of input ?? []) {
          sentBytes += chunk.length
          yield chunk
        }
      }
      return session.run(script, { ...options, input: count() })
    },
  }
  const { note } = await introduce(pinned, { session: counted })
  return { note, sentBytes }
}

const inRelease = (path: string) => join(bench.directory, 'current', path)
const inApp = (path: string) => join(bench.folder, 'app', path)

/** Whether the current release is what was packed, file by file. */
function expectAsPacked(pinned: ArtifactRelease): void {
  const unpacked = join(bench.folder, 'unpacked')
  execFileSync('sh', [
    '-c',
    `rm -rf ${unpacked} && mkdir ${unpacked} && tar -xzf ${bench.folder}/shop-${pinned.id.replace(/-[0-9a-f]+$/, '')}.tar.gz -C ${unpacked}`,
  ])
  const ours = '-x .vesemir-complete -x .vesemir-files'
  expect(
    execFileSync('sh', ['-c', `diff -r ${ours} ${unpacked} ${bench.directory}/current/ && echo same`]).toString(),
  ).toBe('same\n')
}

test('only what has changed is sent, and the rest is copied from the current release', async () => {
  await introduce(await release('1.0.0'))
  const next = await release('2.0.0')

  const { note, sentBytes } = await introduceCounted(next)

  expect(note).toMatch(/^sent \d+ bytes, copied the rest from 1\.0\.0/)
  expect(sentBytes).toBeLessThan(1024)
  expectAsPacked(next)
})

test.for(['openssl', 'od', 'openssl cut', 'openssl sha256sum'])(
  'what is copied is verified by what the host has, without %s too',
  async (lacks) => {
    const without = lacks.split(' ')
    await introduce(await release('1.0.0'))
    const next = await release('2.0.0')
    const session = hostWith(bench.session, { folder: bench.folder, without })

    const { note } = await introduceCounted(next, session)

    expectAsPacked(next)
    expect(note).toMatch(without.length === 1 ? /^sent .* copied the rest from 1\.0\.0/ : /^sent 1\.\d MiB$/)
  },
)

test('every kind of change arrives: new, changed and removed files, modes, links, and folders in place of files', async () => {
  for (const path of ['kept', 'removed', 'mode', 'folder-to-be', 'line\nbreak']) writeFileSync(inApp(path), path)
  mkdirSync(inApp('file-to-be'))
  writeFileSync(inApp('file-to-be/inner'), 'x')
  execFileSync('ln', ['-s', 'kept', inApp('link')])
  execFileSync('ln', [inApp('kept'), inApp('hard')])
  await introduce(await release('1.0.0'))
  execFileSync('sh', [
    '-ec',
    `cd ${bench.folder}/app; rm -r removed folder-to-be file-to-be link; chmod +x mode
mkdir folder-to-be empty; echo new > folder-to-be/new; echo file > file-to-be; ln -s mode link`,
  ])
  const next = await release('2.0.0')

  const { note } = await introduceCounted(next)

  expect(note).toContain('copied the rest from 1.0.0')
  expectAsPacked(next)
  expect(statSync(inRelease('mode')).mode & 0o100).toBe(0o100)
  expect(lstatSync(inRelease('link')).isSymbolicLink()).toBe(true)
})

test.for([
  ['of folders that are gone, nothing is left', 'mkdir -p old/sub; echo x > old/sub/x', 'rm -r old'],
  ['a file takes the place of folders in each other', 'mkdir -p old/sub; echo x > old/sub/x', 'rm -r old; echo > old'],
  [
    'a link takes the place of folders in each other',
    'mkdir -p old/sub; echo x > old/sub/x',
    'rm -r old; ln -s version old',
  ],
] as const)('%s', async ([, before, after]) => {
  const change = (script: string) => execFileSync('sh', ['-ec', `cd ${inApp('.')}; ${script}`])
  change(before)
  await introduce(await release('1.0.0'))
  change(after)
  const next = await release('2.0.0')

  const { note } = await introduceCounted(next)

  expect(note).toContain('copied the rest from 1.0.0')
  expectAsPacked(next)
})

test('files that were one, by a hard link, are two where the archive has two', async () => {
  writeFileSync(inApp('one'), 'x')
  execFileSync('ln', [inApp('one'), inApp('two')])
  await introduce(await release('1.0.0'))
  execFileSync('sh', ['-ec', `cd ${inApp('.')}; rm two; cp one two`])

  const { note } = await introduceCounted(await release('2.0.0'))

  expect(note).toContain('copied the rest from 1.0.0')
  expect(statSync(inRelease('one')).nlink).toBe(1)
})

describe('a file that was changed on the host', () => {
  test.for([
    [
      'by hand, with its old time put back',
      () => {
        const path = inRelease('ballast')
        const { atime, mtime } = statSync(path)
        const content = readFileSync(path)
        content[0] = content[0]! ^ 1
        writeFileSync(path, content)
        utimesSync(path, atime, mtime)
      },
    ],
    ['by being removed', () => execFileSync('rm', [inRelease('ballast')])],
    ['by being moved with its folder', () => execFileSync('mv', [inRelease('lib'), inRelease('moved')])],
    ['in its permissions', () => execFileSync('chmod', ['o+w', inRelease('ballast')])],
  ] as const)('%s is in no new release: all is sent', async ([, change]) => {
    mkdirSync(inApp('lib'))
    writeFileSync(inApp('lib/code'), 'code')
    await introduce(await release('1.0.0'))
    change()
    const next = await release('2.0.0')

    const { note } = await introduceCounted(next)

    expect(note).toMatch(/^sent 1\.\d MiB$/)
    expectAsPacked(next)
  })

  test('is noticed when it is changed while it is copied', async () => {
    await introduce(await release('1.0.0'))
    const next = await release('2.0.0')
    const bin = join(bench.folder, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'xargs'), `#!/bin/sh\nPATH=/usr/bin:/bin\nxargs "$@"\necho >> ${inRelease('ballast')}\n`, {
      mode: 0o755,
    })
    const session = withPath(bench.session, `${bin}:/usr/bin:/bin`)

    const error = await failure(introduce(next, { session }))

    expect(error.message).toContain('was changed while it was copied')
    expect(bench.currentVersion()).toBe('1.0.0')
    expect(bench.traces()).toEqual(['.previous'].filter((name) => existsSync(join(bench.directory, 'releases', name))))
  })
})

test('a release that is not what the artifact holds does not become current, and is sent as a whole the next time', async () => {
  await introduce(await release('1.0.0'))
  const next = await release('2.0.0')
  const bin = join(bench.folder, 'bin')
  mkdirSync(bin)
  const damaged = `${bench.directory}/releases/.incoming-*/release/ballast`
  writeFileSync(
    join(bin, 'cmp'),
    `#!/bin/sh\nfor file in ${damaged}; do echo >> "$file"; done\nexec /usr/bin/cmp "$@"\n`,
    { mode: 0o755 },
  )

  const error = await failure(introduce(next, { session: withPath(bench.session, `${bin}:/usr/bin:/bin`) }))
  const before = bench.currentVersion()
  const { note } = await introduceCounted(next)

  expect(error.message).toContain('the release is not what the artifact holds')
  expect(before).toBe('1.0.0')
  expect(note).toMatch(/^sent 1\.\d MiB$/)
  expectAsPacked(next)
})

test('what an application has written into its release stays there', async () => {
  await introduce(await release('1.0.0'))
  writeFileSync(inRelease('cache.db'), 'x'.repeat(1000))
  const next = await release('2.0.0')

  const { note } = await introduceCounted(next)

  expect(note).toContain('copied the rest')
  expectAsPacked(next)
})

const folderOf = (host: string) => join(bench.folder, host)

/** Starts a worker that keeps what it has sent, and returns what introduces a release on one of several hosts. */
function workerFor() {
  const strategy = artifacts(...worker)
  return (host: string, pinned: ArtifactRelease) => {
    const url = `file://${bench.folder}/shop-{version}.tar.gz`
    const changeset = anArtifactChangeset({ url, directory: folderOf(host) })
    const { session } = bench
    const rest = { variables: {}, secretNames: [], env: {}, onLine: () => {}, signal: undefined }
    return strategy.introduce(pinned, { changeset, session, ...rest })
  }
}

test('hosts whose releases have the same paths and sizes, and other contents, each get what they lack', async () => {
  const to = workerFor()
  const withCode = (version: string, code: string) => {
    writeFileSync(inApp('code'), code)
    return release(version)
  }
  await to('one', await withCode('1.0.0', 'this'))
  await to('two', await withCode('1.0.1', 'that'))
  const next = await withCode('2.0.0', 'this')

  for (const host of ['one', 'two']) await to(host, next)

  const codes = ['one', 'two'].map((host) => readFileSync(join(folderOf(host), 'current', 'code'), 'utf8'))
  expect(codes).toEqual(['this', 'this'])
})

test('a worker sends its own delta, whatever another with the same cache has made', async () => {
  const [to, other] = [workerFor(), workerFor()]
  const first = await release('1.0.0')
  for (const host of ['one', 'two', 'three']) await to(host, first)
  const next = await release('2.0.0')
  const deltas = () => globSync(join(bench.folder, 'cache', '.delta-*'))
  await to('one', next)
  const own = deltas()
  await other('two', next)
  const others = deltas().filter((path) => !own.includes(path))
  for (const path of others) appendFileSync(path, 'as another version writes it')

  const { note } = await to('three', next)

  expect([own, others].map((paths) => paths.length)).toEqual([1, 1])
  expect(note).toContain('copied the rest from 1.0.0')
})

test('a release can be copied from one that was copied itself', async () => {
  await introduce(await release('1.0.0'))
  await introduce(await release('2.0.0'))
  const next = await release('3.0.0')

  const { note } = await introduceCounted(next)

  expect(note).toContain('copied the rest from 2.0.0')
  expectAsPacked(next)
})

test('a top folder is left out, and shared paths stay links', async () => {
  settings = { strip: 1, shared: ['log/'] }
  mkdirSync(inApp('log'))
  writeFileSync(inApp('log/.keep'), '')
  await introduce(await release('1.0.0', { root: 'app' }))
  const next = await release('2.0.0', { root: 'app' })

  const { note } = await introduceCounted(next)

  expect(note).toContain('copied the rest from 1.0.0')
  expect(bench.currentVersion()).toBe('2.0.0')
  expect(readFileSync(inRelease('ballast'))).toEqual(readFileSync(inApp('ballast')))
  expect(lstatSync(inRelease('log')).isSymbolicLink()).toBe(true)
})

describe('all is sent', () => {
  test('where less than half stays as it is', async () => {
    await introduce(await release('1.0.0'))
    appendFileSync(inApp('ballast'), 'x')

    expect((await introduceCounted(await release('2.0.0'))).note).toMatch(/^sent 1\.\d MiB$/)
  })

  test.for([
    ['has holes', 'truncate -s 10M app/odd', '-Sczf'],
    ['its owner may not read', 'echo x > app/odd && chmod 0200 app/odd', '-czf'],
    [
      'is in a folder that its owner may not write to',
      'mkdir app/odd && echo x > app/odd/x && chmod 0555 app/odd',
      '-czf',
    ],
    ['has a name that is no UTF-8', 'echo x > "$(printf "app/caf\\351")"', '-czf'],
  ] as const)('of an archive with a file that %s', async ([, make, pack]) => {
    await introduce(await release('1.0.0'))
    execFileSync('sh', ['-ec', `cd ${bench.folder} && ${make}`])

    expect((await introduceCounted(await release('2.0.0', { pack }))).note).toMatch(/^sent 1\.\d MiB$/)
  })

  test('by a worker that does not know what the host has', async () => {
    await introduce(await release('1.0.0'))
    worker = [{ folders: [bench.folder], cache: { folder: join(bench.folder, 'other-cache') } }]

    expect((await introduceCounted(await release('2.0.0'))).note).toMatch(/^sent 1\.\d MiB$/)
  })

  test.for(['cmp', 'comm', 'cp', 'sort', 'xargs'])('where the host has no %s', async (without) => {
    await introduce(await release('1.0.0'))
    const session = hostWith(bench.session, { folder: bench.folder, without: [without] })

    const { note } = await introduceCounted(await release('2.0.0'), session)

    expect(note).toMatch(/^sent 1\.\d MiB$/)
    expect(bench.currentVersion()).toBe('2.0.0')
  })
})

function withPath(session: RemoteSession, path: string): RemoteSession {
  return {
    ...session,
    run: (script, options) => session.run(script, { ...options, env: { ...options.env, PATH: path } }),
  }
}

test('a host that names a file outside the cache as its release has none read, and gets all', async () => {
  const first = await release('1.0.0')
  await introduce(first)
  const [note] = globSync(join(bench.folder, 'cache', '*.note'))
  copyFileSync(note!, join(bench.folder, 'outside.note'))
  writeFileSync(inRelease('.vesemir-complete'), '../outside\n')

  const { note: said } = await introduceCounted(await release('2.0.0'))

  expect(said).toMatch(/^sent [^,]+$/)
})
