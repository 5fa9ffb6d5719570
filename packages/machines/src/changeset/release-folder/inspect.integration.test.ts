import { existsSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hostWith } from '../testing/host-tools.ts'
import { failure, useReleaseBench } from '../testing/release-bench.ts'

const bench = useReleaseBench()

test('a host says what is current when a release is staged, introduced, looked at and taken back', async () => {
  const first = await bench.pinned('1.0.0')
  await bench.introduce(first)
  const second = await bench.pinned('2.0.0')

  const staged = await bench.stage(second)
  const introduced = await bench.introduce(second)
  const seen = await bench.inspect(second, first.id)
  const reverted = await bench.revert(second, first.id)

  expect(staged.current).toBe(first.id)
  expect(introduced).toMatchObject({ current: first.id, previous: first.id })
  expect(seen).toEqual({ current: second.id })
  expect(reverted.current).toBe(first.id)
})

test('to look leaves no trace on a host that has never had a release', async () => {
  const release = await bench.pinned('1.0.0')

  expect(await bench.inspect(release)).toEqual({})
  expect(existsSync(bench.directory)).toBe(false)
})

describe('a host that is asked whether it could take a release', () => {
  test('keeps no trace of it', async () => {
    await bench.prove(await bench.pinned('1.0.0'))

    expect(existsSync(bench.directory)).toBe(false)
  })

  test('looks at the space, unless the release is there', async () => {
    const release = await bench.pinned('1.0.0')
    await bench.introduce(release)
    const large = { unpackedBytes: 2 ** 50 }

    await bench.prove({ ...release, ...large })
    expect(await failure(bench.prove({ ...release, id: '2.0.0-12345678', ...large }))).toMatchObject({
      code: 'DISK_SPACE_LOW',
      message: expect.stringMatching(
        /^web-1 cannot take the release: .* has \d+ KiB left, and the release needs/,
      ) as string,
    })
  })

  test.for([
    ['https://artifacts.example/shop-{version}.tar.zst', 'zstd, which is needed for a tar.zst'],
    ['https://artifacts.example/shop-{version}.zip', 'unzip, which is needed for a zip'],
    ['https://artifacts.example/shop-{version}', 'tar, which is needed for a tar'],
  ] as const)('goes by the name of the artifact where none is pinned: %s', async ([url, missing]) => {
    const session = hostWith(bench.session, {
      folder: bench.folder,
      without: ['tar', 'unzip', 'zstd'].filter((tool) => missing.startsWith(tool)),
    })

    expect((await failure(bench.prove(undefined, { session, settings: { url } }))).message).toBe(
      `web-1 cannot take the release: there is no ${missing}`,
    )
  })
})

test('a host says beforehand why a release cannot be taken back', async () => {
  const first = await bench.pinned('1.0.0')
  await bench.introduce(first)
  const alone = await bench.inspect(first)
  const second = await bench.pinned('2.0.0')
  await bench.introduce(second)
  rmSync(join(bench.directory, 'releases', first.id), { recursive: true })
  const gone = await bench.inspect(second, first.id)
  rmSync(join(bench.directory, 'current'))
  symlinkSync('releases/by-hand', join(bench.directory, 'current'))
  const foreign = await bench.inspect(second, first.id)

  expect(alone).toEqual({ current: first.id, unavailable: expect.stringContaining('no release was current') as string })
  expect(gone).toEqual({ current: second.id, unavailable: expect.stringContaining('is gone') as string })
  expect(foreign).toMatchObject({ current: 'by-hand', unavailable: expect.stringContaining('neither') as string })
})

test('a release is known by the name that it has among the releases, wherever a link of somebody has moved it to', async () => {
  const first = await bench.pinned('1.0.0')
  await bench.introduce(first)
  const moved = join(bench.folder, 'another-disk')
  renameSync(join(bench.directory, 'releases', first.id), moved)
  symlinkSync(moved, join(bench.directory, 'releases', first.id))
  const seen = await bench.inspect(first)
  const second = await bench.pinned('2.0.0')
  const introduced = await bench.introduce(second)
  const reverted = await bench.revert(second, first.id)

  expect(seen.current).toBe(first.id)
  expect(introduced).toMatchObject({ current: first.id, previous: first.id })
  expect(reverted.current).toBe(first.id)
})

test('a release that was current already is its own way back, whatever the host remembers from before', async () => {
  const first = await bench.pinned('1.0.0')
  await bench.introduce(first)
  const second = await bench.pinned('2.0.0')
  await bench.introduce(second)
  await bench.introduce(second)

  const seen = await bench.inspect(second, second.id)
  const reverted = await bench.revert(second, second.id)

  expect(seen).toEqual({ current: second.id })
  expect(reverted).toMatchObject({ current: second.id })
})
