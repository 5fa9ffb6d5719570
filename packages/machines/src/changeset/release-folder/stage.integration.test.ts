import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { failure, useReleaseBench } from '../testing/release-bench.ts'

const bench = useReleaseBench()
const { pinned, introduce, stage, currentVersion, releases, traces } = bench

test('a release that is brought ahead touches nothing, and is then only made current', async () => {
  await introduce(await pinned('1.0.0'))
  const next = await pinned('2.0.0')

  const staged = await stage(next)
  const before = { current: currentVersion(), releases: releases() }
  const introduced = await introduce(next)

  expect(staged.note).toMatch(/^sent /)
  expect(before).toEqual({ current: '1.0.0', releases: [expect.stringMatching(/^1/), expect.stringMatching(/^2/)] })
  expect(introduced).toMatchObject({ note: 'already on the host', previous: expect.stringMatching(/^1/) as string })
  expect(currentVersion()).toBe('2.0.0')
  expect(traces()).toEqual(['.previous'])
})

test('releases that are too many go when one is brought ahead, but for what is needed until then', async () => {
  const all = [await pinned('1.0.0'), await pinned('2.0.0'), await pinned('3.0.0'), await pinned('4.0.0')]
  for (const release of all.slice(0, 3)) await introduce(release, { keepReleases: 3 })

  await stage(all[3]!, { keepReleases: 1 })
  const staged = releases().map((name) => name[0])
  await introduce(all[3]!, { keepReleases: 1 }, { isStaged: true })

  expect(staged).toEqual(['2', '3', '4'])
  expect(currentVersion()).toBe('4.0.0')
})

test('the first release ever can be brought ahead', async () => {
  await stage(await pinned('1.0.0'))

  expect(releases()).toHaveLength(1)
  expect(existsSync(join(bench.directory, 'current'))).toBe(false)
})

test('a release that cannot be taken is refused ahead as it would be later', async () => {
  const release = { ...(await pinned('1.0.0')), unpackedBytes: 2 ** 50 }

  expect((await failure(stage(release))).code).toBe('DISK_SPACE_LOW')
})
