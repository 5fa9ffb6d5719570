import { isVesemirError } from '@vesemir/core'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hostWith } from '../testing/host-tools.ts'
import { hostileArchive } from '../testing/hostile-archive.ts'
import { failure, useReleaseBench, type ArtifactRelease } from '../testing/release-bench.ts'

const bench = useReleaseBench()
const { pin, introduce, currentVersion, releases } = bench

const makers = {
  'tar.gz': (path: string, names: string[]) => execFileSync('tar', ['-czf', path, ...names], { cwd: bench.folder }),
  'tar.zst': (path: string, names: string[]) =>
    execFileSync('tar', ['--zstd', '-cf', path, ...names], { cwd: bench.folder }),
  'tar.xz': (path: string, names: string[]) => execFileSync('tar', ['-cJf', path, ...names], { cwd: bench.folder }),
  'tar.bz2': (path: string, names: string[]) => execFileSync('tar', ['-cjf', path, ...names], { cwd: bench.folder }),
  tar: (path: string, names: string[]) => execFileSync('tar', ['-cf', path, ...names], { cwd: bench.folder }),
  // -y keeps links as links.
  zip: (path: string, names: string[]) => execFileSync('zip', ['-qyr', path, ...names], { cwd: bench.folder }),
}
const formats = ['tar.gz', 'tar.zst', 'tar.xz', 'tar.bz2', 'tar', 'zip'] as const
const tools = { 'tar.gz': 'gzip', 'tar.zst': 'zstd', 'tar.xz': 'xz', 'tar.bz2': 'bzip2', tar: 'tar', zip: 'unzip' }

/** Names of artifacts say nothing here: they are found out about by what they hold. */
const artifact = () => ({ url: `file://${bench.folder}/artifact-{version}` })
const pathOf = (version: string) => join(bench.folder, `artifact-${version}`)

function make(
  format: (typeof formats)[number],
  version: string,
  names: string[],
): Promise<Awaited<ReturnType<typeof pin>>> {
  makers[format](join(bench.folder, 'made'), names)
  // zip would add its suffix.
  execFileSync('sh', ['-c', `mv made* ${pathOf(version)}`], { cwd: bench.folder })
  return pin(version, artifact())
}

describe.for(formats)('a %s', (format) => {
  beforeEach(() => {
    writeFileSync(join(bench.folder, 'version'), '1.0.0')
  })

  test('is unpacked, with modes and links', async () => {
    mkdirSync(join(bench.folder, 'bin'))
    writeFileSync(join(bench.folder, 'bin', 'start'), '#!/bin/sh\n', { mode: 0o755 })
    symlinkSync('bin/start', join(bench.folder, 'run'))
    const release = await make(format, '1.0.0', ['version', 'bin', 'run'])

    const { note } = await introduce(release, artifact())

    expect(release.format).toBe(format)
    expect(note).toMatch(/^sent /)
    expect(currentVersion()).toBe('1.0.0')
    expect(statSync(join(bench.directory, 'current', 'run')).mode & 0o777).toBe(0o755)
  })

  test.for([
    ['that was looked at when it was pinned', (release: ArtifactRelease) => release],
    ['of a version before', ({ hasSetIdFolders: _, ...release }: ArtifactRelease) => release],
  ] as const)(
    'is unpacked without the right of a folder to hand on its group, even by root: one %s',
    async ([, as]) => {
      mkdirSync(join(bench.folder, 'bin'))
      writeFileSync(join(bench.folder, 'bin', 'start'), '#!/bin/sh\n', { mode: 0o755 })
      chmodSync(join(bench.folder, 'bin'), 0o2755)
      const release = await make(format, '1.0.0', ['version', 'bin'])

      await introduce(as(release), artifact())

      expect(statSync(join(bench.directory, 'current', 'bin')).mode & 0o7777).toBe(0o755)
    },
  )

  test('is unpacked without the right of the folder of releases to hand on its group', async () => {
    mkdirSync(join(bench.folder, 'bin'))
    writeFileSync(join(bench.folder, 'bin', 'start'), '#!/bin/sh\n', { mode: 0o755 })
    mkdirSync(join(bench.directory, 'releases'), { recursive: true })
    chmodSync(join(bench.directory, 'releases'), 0o2755)
    const release = await make(format, '1.0.0', ['version', 'bin'])

    await introduce(release, artifact())

    for (const path of ['current', 'current/bin']) expect(statSync(join(bench.directory, path)).mode & 0o7000).toBe(0)
  })

  test.for([tools[format], 'find'])('needs %s on the host, and asks for it before anything is sent', async (tool) => {
    const release = await make(format, '1.0.0', ['version'])
    const session = hostWith(bench.session, { folder: bench.folder, without: [tool] })

    const asked = await failure(bench.prove(release, { session }))
    const error = await failure(introduce(release, artifact(), { session }))

    const message = `web-1 cannot take the release: there is no ${tool}, which is needed for a ${format}`
    expect(asked).toMatchObject({ code: 'HOST_TOOL_MISSING', message })
    expect(error).toMatchObject({ code: 'HOST_TOOL_MISSING', message })
  })

  test('is introduced without its one folder at the top when that is asked for', async () => {
    const settings = { ...artifact(), strip: 1 }
    mkdirSync(join(bench.folder, 'payments-1.0.0/bin'), { recursive: true })
    writeFileSync(join(bench.folder, 'payments-1.0.0/version'), '1.0.0')
    writeFileSync(join(bench.folder, 'payments-1.0.0/bin/start'), '#!/bin/sh\n', { mode: 0o755 })
    const release = await make(format, '1.0.0', ['payments-1.0.0'])

    await introduce(await pin('1.0.0', settings), { ...settings, shared: ['log/'] })

    expect(release.folder).toBe('payments-1.0.0')
    expect(readdirSync(join(bench.directory, 'current')).toSorted()).toEqual([
      '.vesemir-complete',
      'bin',
      'log',
      'version',
    ])
    expect(statSync(join(bench.directory, 'current/bin/start')).mode & 0o777).toBe(0o755)
  })

  describe('that would write outside of its folder', () => {
    beforeEach(() => mkdirSync(join(bench.folder, 'outside')))
    afterEach(() => {
      assert.deepEqual(readdirSync(join(bench.folder, 'outside')), [])
      assert(!existsSync('/tmp/vesemir-escaped'))
    })

    const names: [string, string][] = [
      ['by ..', '../../../../outside/escaped'],
      ['by .. in the middle', 'a/../../../../../outside/escaped'],
      ['by an absolute path', '/tmp/vesemir-escaped'],
      ['by .. with backslashes', String.raw`..\..\outside\escaped`],
    ]

    test.for(names)('%s is refused before any host hears of it', async ([, name]) => {
      writeFileSync(pathOf('1.0.0'), hostileArchive(format, [{ name, text: 'x' }]))

      const error = await failure(pin('1.0.0', artifact()))

      expect(error.code).toBe('ARTIFACT_INVALID')
      expect(error.message).toContain(`artifact-1.0.0 would write outside of its folder, to ${JSON.stringify(name)}`)
    })

    test.for(names)(
      '%s does not do so either where a plan is of a time when names were not looked at',
      async ([, name]) => {
        const content = hostileArchive(format, [{ name, text: 'x' }])
        writeFileSync(pathOf('1.0.0'), hostileArchive(format, [{ name: 'version', text: 'x' }]))
        const release = await pin('1.0.0', artifact())
        writeFileSync(pathOf('1.0.0'), content)
        const sha256 = createHash('sha256').update(content).digest('hex')

        await introduce({ ...release, sha256, bytes: content.length }, artifact()).catch((error: unknown) =>
          assert(isVesemirError(error, 'COMMAND_FAILED')),
        )
      },
    )

    test('through a link of its own is refused where it is unpacked', async () => {
      const way = { name: 'way', linkTo: join(bench.folder, 'outside') }
      writeFileSync(pathOf('1.0.0'), hostileArchive(format, [way, { name: 'way/escaped', text: 'x' }]))

      const error = await failure(introduce(await pin('1.0.0', artifact()), artifact()))

      expect(error.message).toContain('the artifact could not be unpacked')
      expect(releases()).toEqual([])
    })
  })
})

test('a folder that an archive does not name gets no right to hand on its group, where the archive names its own', async () => {
  const made = join(bench.folder, 'made')
  mkdirSync(join(made, 'bin'), { recursive: true })
  writeFileSync(join(made, 'bin', 'start'), '#!/bin/sh\n', { mode: 0o755 })
  execFileSync('tar', ['--no-recursion', '-cf', pathOf('1.0.0'), '.', 'bin/start'], { cwd: made })
  mkdirSync(join(bench.directory, 'releases'), { recursive: true })
  chmodSync(join(bench.directory, 'releases'), 0o2755)

  await introduce(await pin('1.0.0', artifact()), artifact())

  for (const path of ['current', 'current/bin']) expect(statSync(join(bench.directory, path)).mode & 0o7000).toBe(0)
})

describe('the one folder at the top of an artifact', () => {
  const strip = () => ({ ...artifact(), strip: 1 })

  test('must be there to be left out', async () => {
    mkdirSync(join(bench.folder, 'payments'))
    writeFileSync(join(bench.folder, 'version'), '1.0.0')
    await make('tar.gz', '1.0.0', ['payments', 'version'])

    const error = await failure(pin('1.0.0', strip()))

    expect(error.code).toBe('ARTIFACT_INVALID')
    expect(error.message).toContain('has no single top folder, which changeset.strip: 1 needs')
  })

  test('may have any name, and its contents beside it in the archive too', async () => {
    const folder = `it's "it" $(touch hacked)`
    mkdirSync(join(bench.folder, folder), { mode: 0o555 })
    mkdirSync(join(bench.folder, folder, 'log'), { recursive: true })
    writeFileSync(join(bench.folder, folder, 'version'), '1.0.0')
    const release = await make('tar.gz', '1.0.0', [`./${folder}`])

    await introduce(await pin('1.0.0', strip()), strip())

    expect(release.folder).toBe(folder)
    expect(currentVersion()).toBe('1.0.0')
  })

  test('makes another release of the same artifact', async () => {
    mkdirSync(join(bench.folder, 'payments'))
    writeFileSync(join(bench.folder, 'payments/version'), '1.0.0')
    const release = await make('tar.gz', '1.0.0', ['payments'])

    expect((await pin('1.0.0', strip())).id).not.toBe(release.id)
  })

  test('is none where a link has its name', async () => {
    writeFileSync(pathOf('1.0.0'), hostileArchive('tar', [{ name: 'payments', linkTo: '/tmp' }]))

    expect((await pin('1.0.0', artifact())).folder).toBeUndefined()
  })
})

describe('a file that is not unpacked', () => {
  const asItIs = (given: { url?: string; fileName?: string } = {}) => ({ ...artifact(), unpack: false, ...given })

  test('is put into the release as it is, and can be run', async () => {
    writeFileSync(pathOf('1.0.0'), '#!/bin/sh\necho started\n')
    const release = await pin('1.0.0', asItIs({ fileName: 'payments' }))

    const { note } = await introduce(release, asItIs({ fileName: 'payments' }))

    expect(release).toMatchObject({ format: 'file', fileName: 'payments' })
    expect(note).toBe('sent 23 bytes')
    expect(execFileSync(join(bench.directory, 'current/payments')).toString()).toBe('started\n')
  })

  test('keeps the name that its URL has', async () => {
    writeFileSync(pathOf('1.0.0'), 'PK of a jar')

    await introduce(await pin('1.0.0', asItIs()), asItIs())

    expect(readFileSync(join(bench.directory, 'current/artifact-1.0.0'), 'utf8')).toBe('PK of a jar')
  })

  test('needs a name where its URL has none', async () => {
    mkdirSync(join(bench.folder, 'a b'))
    writeFileSync(join(bench.folder, 'a b/c d'), 'x')

    const error = await failure(pin('1.0.0', asItIs({ url: `file://${bench.folder}/a%20b/c%20d` })))

    expect(error.code).toBe('ARTIFACT_INVALID')
    expect(error.message).toContain('set changeset.fileName')
  })
})
