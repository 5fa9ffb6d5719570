import type { RemoteSession } from '@vesemir/core'
import type { LogLine } from '@vesemir/contract'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSsh, type SshSession } from '../../remote-shell/index.ts'
import { createTracingSession, hostWith } from '../testing/host-tools.ts'
import { failure, useReleaseBench, type ArtifactRelease } from '../testing/release-bench.ts'

const bench = useReleaseBench()
const { pinned, introduce, revert, writeArtifact, currentVersion, releases } = bench
let session: SshSession
let folder: string
let directory: string
beforeEach(() => {
  ;({ session, folder, directory } = bench)
})

describe('a release', () => {
  test('is sent, unpacked and made current', async () => {
    const release = await pinned('1.0.0')

    const { previous, note } = await introduce(release)

    expect(previous).toBeUndefined()
    expect(note).toBe(`sent ${release.bytes} bytes`)
    expect(readlinkSync(join(directory, 'current'))).toBe(`releases/${release.id}`)
    expect(currentVersion()).toBe('1.0.0')
    expect(releases()).toEqual([release.id])
  })

  test('that is on the host is not read and not sent again', async () => {
    const release = await pinned('1.0.0')
    await introduce(release)
    rmSync(join(folder, 'shop-1.0.0.tar.gz'))

    const { note } = await introduce(release)

    expect(note).toBe('already on the host')
    expect(currentVersion()).toBe('1.0.0')
  })

  test("goes where the host's own name is part of the path", async () => {
    await introduce(await pinned('1.0.0'), { directory: join(folder, '{host}', 'shop') })

    bench.directory = join(folder, bench.sshd.target.name, 'shop')
    expect(currentVersion()).toBe('1.0.0')
  })

  test('follows another, and tells which, also when it is introduced once more', async () => {
    const first = await pinned('1.0.0')
    const second = await pinned('2.0.0')
    await introduce(first)

    const introduced = await introduce(second)
    const again = await introduce(second)

    expect(introduced.previous).toBe(first.id)
    expect(again).toMatchObject({ previous: first.id, note: 'already on the host' })
    expect(currentVersion()).toBe('2.0.0')
  })

  test('can be gone back to by the change of a link', async () => {
    const first = await pinned('1.0.0')
    const second = await pinned('2.0.0')
    await introduce(first)
    await introduce(second)

    const back = await introduce(first)

    expect(back).toMatchObject({ previous: second.id, note: 'already on the host' })
    expect(currentVersion()).toBe('1.0.0')
  })

  test('replaces a folder of its name that is not whole', async () => {
    const release = await pinned('1.0.0')
    mkdirSync(join(directory, 'releases', release.id, 'half'), { recursive: true })

    await introduce(release)

    expect(currentVersion()).toBe('1.0.0')
    expect(readdirSync(join(directory, 'current'))).not.toContain('half')
  })

  test('stays among the last few, and so do the current one and the one before', async () => {
    const all = []
    for (const version of ['1', '2', '3', '4', '5']) all.push(await pinned(version))
    const [, , three, four, five] = all.map((release) => release.id)
    mkdirSync(join(directory, 'releases', 'by-hand'), { recursive: true })
    for (const release of all) await introduce(release, { keepReleases: 3 })
    const keptOfThree = releases()

    await introduce(all[2]!, { keepReleases: 1 })

    expect(keptOfThree).toEqual([three, four, five, 'by-hand'])
    expect(releases()).toEqual([three, five, 'by-hand'])
  })

  test('is there at every moment while current changes', async () => {
    const first = await pinned('1.0.0')
    const second = await pinned('2.0.0')
    await introduce(first)
    await introduce(second)
    const watching = session.run(
      `while ! [ -e ${folder}/stop ]; do cat ${directory}/current/version || exit 9; done | sort | uniq -c`,
      { timeoutMs: 20_000 },
    )

    for (let i = 0; i < 10; i += 1) await introduce(i % 2 ? second : first)
    writeFileSync(join(folder, 'stop'), '')
    const { stdout } = await watching

    expect(stdout).toMatch(/ 1\.0\.0\n/)
    expect(stdout).toMatch(/ 2\.0\.0\n/)
  })

  test('goes on from a folder that kept the one before as a link', async () => {
    const [first, second, third] = [await pinned('1.0.0'), await pinned('2.0.0'), await pinned('3.0.0')]
    await introduce(first)
    await introduce(second)
    const kept = join(directory, 'releases', '.previous')
    rmSync(kept)
    symlinkSync(first.id, kept)

    const again = await introduce(second)
    const back = await revert(second, undefined)
    await introduce(second)
    symlinkSync(first.id, join(directory, 'link'))
    renameSync(join(directory, 'link'), kept)
    const { previous } = await introduce(third)
    const last = await revert(third, undefined)

    expect(again.previous).toBe(first.id)
    expect(back.note).toBe(`back to ${first.id}`)
    expect(previous).toBe(second.id)
    expect(last.note).toBe(`back to ${second.id}`)
  })

  test('is hidden while it is made, and has the mode of the host after', async () => {
    const release = await pinned('1.0.0')
    const modes: string[] = []
    async function* watched(input: AsyncIterable<Uint8Array>) {
      for await (const chunk of input) {
        const { stdout } = await session.run(`stat -c %a ${directory}/releases/.incoming-*`, { timeoutMs: 10_000 })
        modes.push(stdout.trim())
        yield chunk
      }
    }
    const masked: RemoteSession = {
      ...session,
      run: (script, { input, ...options }) =>
        session.run(`umask 027\n${script}`, { ...options, input: watched(input!) }),
    }

    await introduce(release, {}, { session: masked })

    expect(modes).toEqual(['700'])
    expect(statSync(join(directory, 'releases', release.id)).mode & 0o777).toBe(0o750)
  })

  test('costs the host few processes', async () => {
    const all = [await pinned('1.0.0'), await pinned('2.0.0'), await pinned('3.0.0'), await pinned('4.0.0')]
    for (const release of all.slice(0, 3)) await introduce(release, { keepReleases: 3 })
    const host = createTracingSession(session, { folder })

    await introduce(all[3]!, { keepReleases: 3 }, { session: host })

    const making = ['mkdir', 'mkdir', 'df', 'cat', 'sha256sum', 'tar', 'gzip']
    const makingCurrent = ['ln', 'mv']
    expect(host.told()).toEqual([...making, 'mv', ...makingCurrent, 'mv', 'rm'])
  })

  test('does not take the place of a current that is no link', async () => {
    mkdirSync(join(directory, 'current'), { recursive: true })

    const error = await failure(introduce(await pinned('1.0.0')))

    expect(error.code).toBe('COMMAND_FAILED')
    expect(error.message).toContain('current is not a link')
  })
})

describe('a release that is taken back', () => {
  test('makes way for the one before, however often', async () => {
    const first = await pinned('1.0.0')
    const second = await pinned('2.0.0')
    await introduce(first)
    const { previous } = await introduce(second)

    const back = await revert(second, previous)
    const again = await revert(second, previous)

    expect(back).toEqual({ note: `back to ${first.id}`, current: first.id })
    expect(again).toEqual(back)
    expect(currentVersion()).toBe('1.0.0')
    expect(readdirSync(join(directory, 'releases')).filter((name) => name.startsWith('.incoming'))).toEqual([])
  })

  test('needs no memory but that of the host', async () => {
    const first = await pinned('1.0.0')
    const second = await pinned('2.0.0')
    await introduce(first)
    await introduce(second)

    const { note } = await revert(second, undefined)

    expect(note).toBe(`back to ${first.id}`)
    expect(currentVersion()).toBe('1.0.0')
  })

  test('is left alone when it was never introduced', async () => {
    const first = await pinned('1.0.0')
    const second = await pinned('2.0.0')
    const onNothing = await revert(first, undefined)
    await introduce(first)

    const { note } = await revert(second, undefined)

    expect(onNothing.note).toBe('nothing was introduced')
    expect(note).toBe(`back to ${first.id}`)
    expect(currentVersion()).toBe('1.0.0')
  })

  test('stays when there was none before, when that is gone, or when another is current by now', async () => {
    const first = await pinned('1.0.0')
    const second = await pinned('2.0.0')
    const third = await pinned('3.0.0')
    await introduce(first)
    const alone = await failure(revert(first, undefined))
    await introduce(second)
    rmSync(join(directory, 'releases', first.id), { recursive: true })
    const gone = await failure(revert(second, first.id))
    await introduce(third)

    const taken = await failure(revert(second, first.id))

    expect([alone, gone, taken].map(({ code }) => code)).toEqual(Array(3).fill('ROLLBACK_UNAVAILABLE'))
    expect(alone.message).toContain('no release was current')
    expect(gone.message).toContain(`releases/${first.id} is gone`)
    expect(taken.message).toContain(third.id)
    expect(currentVersion()).toBe('3.0.0')
  })
})

describe('an attempt that fails leaves what was current and no trace', () => {
  let current: ArtifactRelease
  beforeEach(async () => {
    current = await pinned('1.0.0')
    await introduce(current)
  })
  afterEach(async () => {
    await session.run(`while ls ${directory}/releases/.incoming-* >/dev/null 2>&1; do sleep 0.02; done`, {
      timeoutMs: 20_000,
    })
    assert.equal(readlinkSync(join(directory, 'current')), `releases/${current.id}`)
    assert.deepEqual(releases(), [current.id])
  })

  test('when the artifact was changed after it was pinned', async () => {
    const release = await pinned('2.0.0')
    writeArtifact('2.0.0', { extra: 'changed' })

    const error = await failure(introduce(release))

    expect(error.code).toBe('ARTIFACT_MISMATCH')
    expect(error.message).toContain(release.sha256)
  })

  test('when the artifact is gone', async () => {
    const release = await pinned('2.0.0')
    rmSync(join(folder, 'shop-2.0.0.tar.gz'))

    const error = await failure(introduce(release))

    expect(error.code).toBe('ARTIFACT_UNAVAILABLE')
  })

  test('when what arrives was damaged on its way', async () => {
    const release = await pinned('2.0.0')
    const damaged: RemoteSession = {
      ...session,
      run: (script, { input, ...options }) => session.run(script, { ...options, input: flipped(input!) }),
    }

    const error = await failure(introduce(release, {}, { session: damaged }))

    expect(error.message).toContain('the artifact was damaged on its way')
  })

  test('when it is cancelled in the middle of sending', async () => {
    const release = await pinned('2.0.0', { random: 8 * 1024 * 1024 })
    const controller = new AbortController()
    const slow: RemoteSession = {
      ...session,
      run: (script, { input, ...options }) =>
        session.run(script, { ...options, input: afterFirst(input!, () => controller.abort(new Error('cancelled'))) }),
    }

    await expect(introduce(release, {}, { session: slow, signal: controller.signal })).rejects.toThrow('cancelled')
  })

  test('when the connection is lost in the middle of sending', async () => {
    const release = await pinned('2.0.0', { random: 8 * 1024 * 1024 })
    const other = await createSsh(bench.sshd.options, { env: {} }).connect(bench.sshd.target)
    const { stdout: server } = await other.run('read -r _ _ _ server _ < /proc/$PPID/stat; echo $server', {
      timeoutMs: 5000,
    })
    const lost: RemoteSession = {
      ...other,
      run: (script, { input, ...options }) =>
        other.run(script, { ...options, input: afterFirst(input!, () => process.kill(Number(server), 'SIGKILL')) }),
    }

    const error = await failure(introduce(release, {}, { session: lost }))

    expect(error.code).toBe('SSH_CONNECTION_LOST')
    await other[Symbol.asyncDispose]()
  })

  test('when it is cancelled after all was sent', async () => {
    const release = await pinned('2.0.0', { zeros: 64 * 1024 * 1024 })
    const controller = new AbortController()
    const slow: RemoteSession = {
      ...session,
      run: (script, { input, ...options }) =>
        session.run(script, { ...options, input: afterLast(input!, () => controller.abort(new Error('cancelled'))) }),
    }

    await expect(introduce(release, {}, { session: slow, signal: controller.signal })).rejects.toThrow('cancelled')
  })
})

test('a disk without room is left as it was', async ({ skip, onTestFinished }) => {
  mkdirSync(directory, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory], { stdio: 'ignore' })
  } catch {
    skip('only root may make a small disk')
  }
  onTestFinished(() => void execFileSync('umount', [directory]))
  const current = await pinned('1.0.0')
  await introduce(current)

  const planned = await pinned('2.0.0', { zeros: 4 * 1024 * 1024 })
  const refused = await failure(introduce(planned))
  // Another fills the disk after the look at it.
  const filled = await failure(introduce({ ...planned, unpackedBytes: 0 }))

  expect(refused.code).toBe('DISK_SPACE_LOW')
  expect(refused.message).toContain('KiB left, and the release needs 4')
  expect(filled.message).toContain('the artifact could not be unpacked: tar: ballast: ')
  expect(readlinkSync(join(directory, 'current'))).toBe(`releases/${current.id}`)
  expect(releases()).toEqual([current.id])
})

test('a release that cannot be removed is reported, and is in the way of no other', async ({
  skip,
  onTestFinished,
}) => {
  const all = [await pinned('1.0.0'), await pinned('2.0.0'), await pinned('3.0.0'), await pinned('4.0.0')]
  await introduce(all[0]!)
  const busy = join(directory, 'releases', all[0]!.id, 'busy')
  mkdirSync(busy)
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', busy], { stdio: 'ignore' })
  } catch {
    skip('only root may mount what cannot be removed')
  }
  onTestFinished(() => void execFileSync('umount', ['-t', 'tmpfs', '--', ...mountsBelow(directory)]))
  await introduce(all[1]!)
  const lines: string[] = []

  await introduce(all[2]!, { keepReleases: 1 }, { onLine: ({ text }) => lines.push(text) })
  await introduce(all[3]!)

  expect(lines.at(-1)).toMatch(/releases\/.*could not be removed$/)
  expect(currentVersion()).toBe('4.0.0')
  expect(releases()).toEqual([all[1]!.id, all[2]!.id, all[3]!.id])
})

test('a host without a tool for sums looks at the size', async () => {
  const host = hostWith(session, { folder, without: ['sha256sum'] })
  const release = await pinned('1.0.0')
  async function* nothing() {}
  const run: RemoteSession['run'] = (script, options) => host.run(script, { ...options, input: nothing() })

  const broken = await failure(introduce(release, {}, { session: { ...host, run } }))
  await introduce(release, {}, { session: host })

  expect(broken.message).toContain(`the artifact did not arrive whole: 0 of ${release.bytes} bytes`)
  expect(currentVersion()).toBe('1.0.0')
})

describe('attempts', () => {
  test('that died are cleaned up after, those that live are not', async () => {
    const dead = join(directory, 'releases', '.incoming-999999999-abcdef')
    const alive = join(directory, 'releases', `.incoming-${process.pid}-abcdef`)
    mkdirSync(join(dead, 'release'), { recursive: true })
    mkdirSync(alive)

    await introduce(await pinned('1.0.0'))

    expect(existsSync(dead)).toBe(false)
    expect(existsSync(alive)).toBe(true)
  })

  test('that died with the number of a process that is there again are cleaned up after', async () => {
    const died = `mkdir -p ${directory}/releases/.incoming-$$ ${directory}/releases/.incoming-$$-abcdef/release\n`
    const again: RemoteSession = { ...session, run: (script, options) => session.run(died + script, options) }

    await introduce(await pinned('1.0.0'), {}, { session: again })

    expect(currentVersion()).toBe('1.0.0')
    expect(bench.traces()).toEqual([])
  })

  test('at the same time both succeed, with one release', async () => {
    const release = await pinned('1.0.0', { random: 1024 * 1024 })

    const outcomes = await Promise.all([introduce(release), introduce(release), introduce(release)])

    expect(outcomes.map(({ note }) => note)).toContain('sent 1.0 MiB')
    expect(currentVersion()).toBe('1.0.0')
    expect(releases()).toEqual([release.id])
    expect(readdirSync(join(directory, 'releases')).filter((name) => name.startsWith('.'))).toEqual([])
  })
})

test('what the host prints goes to the log, the talk with it does not', async () => {
  const lines: LogLine[] = []
  mkdirSync(join(directory, 'releases'), { recursive: true })

  await introduce(await pinned('1.0.0'), {}, { onLine: (line) => lines.push(line) })

  expect(lines).toEqual([])
})

const mountsBelow = (folder: string) =>
  readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))

async function* flipped(input: AsyncIterable<Uint8Array>) {
  for await (const chunk of input) yield Buffer.from(chunk).fill(0, 10, 20)
}

async function* afterFirst(input: AsyncIterable<Uint8Array>, act: () => void) {
  let first = true
  for await (const chunk of input) {
    yield chunk
    if (first) act()
    first = false
  }
}

async function* afterLast(input: AsyncIterable<Uint8Array>, act: () => void) {
  yield* input
  setImmediate(act)
}
