import { isVesemirError, type RemoteSession } from '@vesemir/core'
import type { LogLine, PlannedRelease } from '@vesemir/contract'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSsh, type SshSession } from '../../remote-shell/index.ts'
import { failOnLeaks } from '../../remote-shell/ssh/testing/fail-on-leaks.ts'
import { startSshd, type Sshd } from '../../remote-shell/ssh/testing/start-sshd.ts'
import { aSpec, anArtifactChangeset } from '../testing/a-spec.ts'
import { createArtifact } from './create-artifact.ts'

let sshd: Sshd
let session: SshSession
let folder: string
let directory: string
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(async () => {
  await sshd[Symbol.asyncDispose]()
})
failOnLeaks()
beforeEach(async () => {
  folder = mkdtempSync(join(sshd.folder, 'case-'))
  directory = join(folder, 'srv', 'shop')
  session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
})
afterEach(async () => {
  await session[Symbol.asyncDispose]()
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

    directory = join(folder, sshd.target.name, 'shop')
    expect(currentVersion()).toBe('1.0.0')
  })

  test('follows another, and tells which, also when it is introduced once more', async () => {
    const first = await pinned('1.0.0')
    const second = await pinned('2.0.0')
    await introduce(first)

    const introduced = await introduce(second)
    const again = await introduce(second)

    expect(introduced.previous).toBe(first.id)
    expect(again).toEqual({ previous: first.id, note: 'already on the host' })
    expect(currentVersion()).toBe('2.0.0')
  })

  test('can be gone back to by the change of a link', async () => {
    const first = await pinned('1.0.0')
    const second = await pinned('2.0.0')
    await introduce(first)
    await introduce(second)

    const back = await introduce(first)

    expect(back).toEqual({ previous: second.id, note: 'already on the host' })
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

    expect(back).toEqual({ note: `back to ${first.id}` })
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
  let current: Release
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

  test('when the artifact is no tar.gz', async () => {
    writeFileSync(join(folder, 'shop-2.0.0.tar.gz'), 'junk')

    const error = await failure(introduce(await pin('2.0.0')))

    expect(error.message).toContain('the artifact is not a whole tar.gz')
  })

  test.for([
    ['beside it', ['--transform', 's,^version,../../escaped,', 'version']],
    ['in the middle of a path', ['--transform', 's,^version,a/../../../escaped,', 'version']],
    ['by an absolute path', ['-P', '--transform', 's,^version,/tmp/vesemir-escaped,', 'version']],
  ])('when the artifact would write outside of its folder, %s', async ([, content]) => {
    writeArtifact('2.0.0', { content: content as string[] })

    const error = await failure(introduce(await pin('2.0.0')))

    expect(error.message).toContain('the artifact is refused: it would write outside of its folder')
    expect(existsSync('/tmp/vesemir-escaped')).toBe(false)
  })

  test('when the artifact would write outside of its folder through a link of its own', async () => {
    const outside = join(folder, 'outside')
    mkdirSync(outside)
    symlinkSync(outside, join(folder, 'way'))
    writeArtifact('2.0.0', { content: ['way'] })
    const tar = join(folder, 'shop-2.0.0.tar')
    writeFileSync(tar, execFileSync('gunzip', ['-c', `${tar}.gz`]))
    execFileSync('tar', ['-rf', tar, '-C', folder, '--transform', 's,^version,way/escaped,', 'version'])
    writeFileSync(`${tar}.gz`, execFileSync('gzip', ['-c', tar]))

    const error = await failure(introduce(await pin('2.0.0')))

    expect(error.message).toContain('the artifact could not be unpacked')
    expect(readdirSync(outside)).toEqual([])
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
    const other = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
    const { stdout: server } = await other.run('echo $PPID', { timeoutMs: 5000 })
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

test('a full disk fails the attempt, and leaves no trace of it', async ({ skip, onTestFinished }) => {
  mkdirSync(directory, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory], { stdio: 'ignore' })
  } catch {
    skip('only root may make a small disk')
  }
  onTestFinished(() => void execFileSync('umount', [directory]))
  const current = await pinned('1.0.0')
  await introduce(current)

  const sending = await failure(introduce(await pinned('2.0.0', { random: 2 * 1024 * 1024 })))
  const unpacking = await failure(introduce(await pinned('3.0.0', { zeros: 4 * 1024 * 1024 })))

  expect(sending.message).toContain('No space left on device')
  expect(unpacking.message).toContain('the artifact could not be unpacked: tar: ballast: ')
  expect(readlinkSync(join(directory, 'current'))).toBe(`releases/${current.id}`)
  expect(readdirSync(join(directory, 'releases'))).toEqual([current.id])
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

type Release = Extract<PlannedRelease, { strategy: 'artifact' }>

/** Makes the artifact of a version, which names itself in a file, and pins it. */
async function pinned(version: string, made: Parameters<typeof writeArtifact>[1] = {}): Promise<Release> {
  writeArtifact(version, made)
  return pin(version)
}

async function pin(version: string): Promise<Release> {
  const spec = aSpec({ version, changeset: changeset() })
  return (await createArtifact({ folders: [folder] }).pin(spec.changeset, spec)) as Release
}

const changeset = (given: { keepReleases?: number; directory?: string } = {}) =>
  anArtifactChangeset({ url: `file://${folder}/shop-{version}.tar.gz`, directory, ...given })

function introduce(
  release: Release,
  settings: { keepReleases?: number; directory?: string } = {},
  context: { session?: RemoteSession; signal?: AbortSignal; onLine?: (line: LogLine) => void } = {},
) {
  return createArtifact({ folders: [folder] }).introduce(release, {
    spec: aSpec({ changeset: changeset(settings) }),
    session,
    env: {},
    onLine: () => {},
    signal: undefined,
    ...context,
  })
}

function revert(release: Release, previous: string | undefined) {
  const spec = aSpec({ changeset: changeset() })
  const context = { spec, session, env: {}, onLine: () => {}, signal: undefined, previous }
  return createArtifact({ folders: [folder] }).revert(release, context)
}

function writeArtifact(
  version: string,
  {
    content = ['version'],
    extra = '',
    random = 0,
    zeros = 0,
  }: { content?: string[]; extra?: string; random?: number; zeros?: number },
): void {
  writeFileSync(join(folder, 'version'), `${version}\n${extra}`)
  const names = [...content]
  if (random > 0) execFileSync('sh', ['-c', `head -c ${random} /dev/urandom > ${folder}/ballast`])
  if (zeros > 0) execFileSync('sh', ['-c', `head -c ${zeros} /dev/zero > ${folder}/ballast`])
  if (random + zeros > 0) names.push('ballast')
  utimesSync(join(folder, 'version'), 0, 0)
  execFileSync('tar', ['-czf', join(folder, `shop-${version}.tar.gz`), '-C', folder, ...names])
}

const currentVersion = () => readFileSync(join(directory, 'current', 'version'), 'utf8').trim()
const releases = () =>
  readdirSync(join(directory, 'releases'))
    .filter((name) => !name.startsWith('.'))
    .toSorted()

async function failure(introducing: Promise<unknown>) {
  const outcome = await introducing.catch((error: unknown) => error)
  if (!isVesemirError(outcome)) throw outcome
  return outcome
}

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
