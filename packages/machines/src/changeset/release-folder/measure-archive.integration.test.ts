import { execFileSync } from 'node:child_process'
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { crc32, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { hostileArchive, type HostileEntry } from '../testing/hostile-archive.ts'
import { measureArchive } from './measure-archive.ts'

let folder: string
// Longer than a header has room for; in `cut` it ends with what looks like `..` where it is cut short.
const long = `${'deep/'.repeat(40)}file`
const cut = `${'x'.repeat(95)}/a/...rest`
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vesemir-measure-'))
  for (const name of ['version', 'with holes', 'é', '..a', 'a..', long, cut]) {
    mkdirSync(join(folder, dirname(name)), { recursive: true })
    writeFileSync(join(folder, name), 'x'.repeat(1000))
  }
  truncateSync(join(folder, 'with holes'))
  for (let at = 0; at < 40; at += 1) writeFileSync(join(folder, 'random'), Buffer.alloc(4096, 'x'), { flag: 'a' })
  execFileSync(
    'sh',
    [
      '-c',
      'for i in $(seq 1 30); do dd if=random of="with holes" bs=4096 seek=$((i * 99)) count=1 conv=notrunc status=none; done',
    ],
    { cwd: folder },
  )
  linkSync(join(folder, 'version'), join(folder, 'hard'))
  symlinkSync('../../anywhere', join(folder, 'soft'))
  mkdirSync(join(folder, 'empty'))
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.unstubAllEnvs())

const tar = (...args: string[]) =>
  execFileSync('tar', ['-C', folder, '-cf', '-', ...args], { maxBuffer: 64 * 1024 * 1024 })

const measure = (archive: Buffer) =>
  measureArchive(
    (async function* () {
      // In pieces that no header fits into.
      for (let at = 0; at < archive.length; at += 333) yield archive.subarray(at, at + 333)
    })(),
  )

describe.for(['v7', 'oldgnu', 'gnu', 'ustar', 'pax'])('a tar of the format %s', (format) => {
  const longNames = format === 'v7' ? [] : [long, cut]
  const sparse = /v7|ustar/.test(format) ? [] : ['-S', 'with holes']
  const outside: [string, string][] = [
    ['version', '../version'],
    ['version', '/tmp/version'],
    ...longNames.map((name): [string, string] => [name, `${dirname(name)}/../../${basename(name)}`]),
  ]

  test('is read with all that it may hold, to its end', async () => {
    const made = tar(
      `--format=${format}`,
      'version',
      'hard',
      'soft',
      'empty',
      'é',
      '..a',
      'a..',
      ...longNames,
      ...sparse,
    )

    expect(await measure(gzipSync(made))).toMatchObject({ format: 'tar.gz', unpackedBytes: made.length })
  })

  test.for(outside)('is refused for a name that leads outside: %s as %s', async ([name, given]) => {
    const made = tar(`--format=${format}`, 'a..', '-P', `--transform=s,${name},${given},`, name)

    await expect(measure(gzipSync(made))).rejects.toThrow(`outside of its folder, to "${given}"`)
  })
})

describe('a tar', () => {
  test('whose global header names what comes next is refused for it', async () => {
    const made = tar('--format=pax', '--pax-option=globexthdr.name=g,path=../escaped', 'version')

    await expect(measure(gzipSync(made))).rejects.toThrow('"../escaped"')
  })

  test('is looked at behind its end too, as some unpack that', async () => {
    const made = Buffer.concat([tar('version'), tar('-P', '--transform=s,^,../,', 'version')])

    await expect(measure(gzipSync(made))).rejects.toThrow('"../version"')
  })

  test('may have anything else behind its end', async () => {
    const made = Buffer.concat([tar('version'), Buffer.alloc(2000, 'x')])

    expect(await measure(gzipSync(made))).toMatchObject({ unpackedBytes: made.length })
  })

  test.for([
    ['in a header', 2000],
    ['in a file', 700],
  ] as const)('that is cut off %s is refused, however whole what packs it is', async ([, length]) => {
    await expect(measure(gzipSync(tar('version', 'a..').subarray(0, length)))).rejects.toThrow('is truncated')
  })

  test('that is none is refused', async () => {
    await expect(measure(gzipSync('x'.repeat(1000)))).rejects.toThrow('no tar')
  })
})

test('a zip is refused for the name that some unzip by in place of the other', async () => {
  const name = Buffer.from('../escaped')
  const extra = Buffer.alloc(9 + name.length)
  extra.writeUInt16LE(0x7075)
  extra.writeUInt16LE(5 + name.length, 2)
  extra.writeUInt8(1, 4)
  extra.writeUInt32LE(crc32('version'), 5)
  name.copy(extra, 9)
  const plain = hostileArchive('zip', [{ name: 'version', text: 'x' }])
  const at = plain.length - 22
  const made = Buffer.concat([plain.subarray(0, at), extra, plain.subarray(at)])
  made.writeUInt16LE(extra.length, made.indexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 30)
  made.writeUInt32LE(plain.readUInt32LE(at + 12) + extra.length, at + extra.length + 12)

  await expect(measure(made)).rejects.toThrow('"../escaped"')
})

describe('the one folder at the top', () => {
  const folderOf = async (archive: Buffer) => (await measure(archive)).folder

  test.for([
    ['deep', ['deep']],
    ['deep', ['./deep']],
    [undefined, ['deep', 'empty']],
    [undefined, ['deep', 'version']],
    [undefined, ['version']],
    [undefined, ['soft']],
  ] as const)('is %s of a tar of %j', async ([folder, names]) => {
    expect(await folderOf(tar(...names))).toBe(folder)
  })

  test('is found in a zip too, with and without an entry of its own', async () => {
    const inside = { name: 'payments/version', text: 'x' }

    expect(await folderOf(hostileArchive('zip', [inside]))).toBe('payments')
    expect(await folderOf(hostileArchive('zip', [{ name: 'payments/', text: '' }, inside]))).toBe('payments')
    expect(await folderOf(hostileArchive('zip', [inside, { name: 'README', text: 'x' }]))).toBeUndefined()
  })
})

test.for(['tar.xz', 'tar.bz2'] as const)('a %s that is damaged is refused', async (format) => {
  const damaged = hostileArchive(format, [{ name: 'version', text: 'x' }])
  damaged.fill(0, damaged.length - 20)

  await expect(measure(damaged)).rejects.toThrow('is truncated or damaged: ')
})

test('a worker without the program that a tar.xz needs says so', async () => {
  const archive = hostileArchive('tar.xz', [{ name: 'version', text: 'x' }])
  vi.stubEnv('PATH', folder)

  await expect(measure(archive)).rejects.toMatchObject({
    code: 'WORKER_TOOL_MISSING',
    message: expect.stringContaining('no xz') as unknown,
  })
})

test.for([
  ['tar', { name: 'bin/su', text: 'x', mode: 0o4755 }, 'runs as another user (setuid or setgid), "bin/su"'],
  ['tar.gz', { name: 'bin/sg', text: 'x', mode: 0o2755 }, 'runs as another user (setuid or setgid), "bin/sg"'],
  ['zip', { name: 'bin/su', text: 'x', mode: 0o4755 }, 'runs as another user (setuid or setgid), "bin/su"'],
  ['tar', { name: 'sda', special: 'block' }, 'has a device, pipe or socket, "sda"'],
  ['tar.gz', { name: 'mem', special: 'character' }, 'has a device, pipe or socket, "mem"'],
  ['tar.zst', { name: 'pipe', special: 'pipe' }, 'has a device, pipe or socket, "pipe"'],
] satisfies [Parameters<typeof hostileArchive>[0], HostileEntry, string][])(
  'a %s with a file that root should not unpack is refused: %j',
  async ([format, entry, why]) => {
    const archive = hostileArchive(format, [{ name: 'version', text: 'x' }, entry])

    await expect(measure(archive)).rejects.toThrow(why)
  },
)

test.for([0o755, 0o2755, 0o4755])(
  'of a tar it is known whether a folder hands on its user or group: mode %o',
  async (mode) => {
    chmodSync(join(folder, 'empty'), mode)
    const archive = gzipSync(tar('version', 'empty'))
    chmodSync(join(folder, 'empty'), 0o755)

    expect(await measure(archive)).toMatchObject({ hasSetIdFolders: mode !== 0o755 })
  },
)
