import { isVesemirError } from '@vesemir/core'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hostWith } from '../testing/host-tools.ts'
import { hostileArchive } from '../testing/hostile-archive.ts'
import { failure, useReleaseBench } from '../testing/release-bench.ts'

const bench = useReleaseBench()
const { pin, introduce, currentVersion, releases } = bench

const makers = {
  'tar.gz': (path: string, names: string[]) => execFileSync('tar', ['-czf', path, ...names], { cwd: bench.folder }),
  'tar.zst': (path: string, names: string[]) =>
    execFileSync('tar', ['--zstd', '-cf', path, ...names], { cwd: bench.folder }),
  // -y keeps links as links.
  zip: (path: string, names: string[]) => execFileSync('zip', ['-qyr', path, ...names], { cwd: bench.folder }),
}
const formats = ['tar.gz', 'tar.zst', 'zip'] as const
const tools = { 'tar.gz': 'gzip', 'tar.zst': 'zstd', zip: 'unzip' }

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

  test('needs its tool on the host, and asks for it before anything is sent', async () => {
    const release = await make(format, '1.0.0', ['version'])
    const session = hostWith(bench.session, { folder: bench.folder, without: [tools[format]] })

    const error = await failure(introduce(release, artifact(), { session }))

    expect(error.code).toBe('HOST_TOOL_MISSING')
    expect(error.message).toBe(
      `web-1 cannot take the release: there is no ${tools[format]}, which is needed for a ${format}`,
    )
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
