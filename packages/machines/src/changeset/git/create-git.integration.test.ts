import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hostWith } from '../testing/host-tools.ts'
import { failure } from '../testing/release-bench.ts'
import { createUploads } from '../uploads.ts'
import { createGit } from './create-git.ts'
import { GitOptions } from './git-options.ts'
import { useGitBench } from './testing/git-bench.ts'

const { bench, shop, worker, pin, contextOf } = useGitBench()
const { currentVersion } = bench
const publish = (version: string) => shop().publish(version)
const { signal } = new AbortController()

describe('a revision', () => {
  test('is pinned to a commit, and introduced on a host that has no git', async () => {
    const commit = publish('1.0.0')
    const session = hostWith(bench.session, { folder: bench.folder })

    const release = await pin('1.0.0')
    const { note } = await worker().introduce(release, { ...contextOf(), session })

    expect(release).toEqual({ strategy: 'git', id: `1.0.0-${commit.slice(0, 8)}`, repository: shop().url, commit })
    expect(note).toMatch(/^sent \d+ bytes$/)
    expect(currentVersion()).toBe('1.0.0')
    expect(readdirSync(join(bench.directory, 'current'))).toEqual(['.vesemir-complete', 'version'])
  })

  test('has files that are made of its templates, which the plan has looked at', async () => {
    shop().write({ 'about.tmpl': 'version {{ VESEMIR_VERSION }}\n' })
    publish('1.0.0')
    const settings = { templates: [{ from: 'about.tmpl', to: 'about' }] }

    const release = await pin('1.0.0', settings)
    await worker().introduce(release, { ...contextOf(settings), env: { VESEMIR_VERSION: '1.0.0' } })
    const missing = await failure(pin('1.0.0', { templates: [{ from: 'other.tmpl', to: 'about' }] }))

    expect(readFileSync(join(bench.directory, 'current/about'), 'utf8')).toBe('version 1.0.0\n')
    expect(missing).toMatchObject({ code: 'TEMPLATE_INVALID' })
  })

  test('stays what it was when its branch goes on', async () => {
    publish('1.0.0')
    const release = await pin('1.0.0', { revision: 'main' })
    publish('2.0.0')

    await worker('worker-2').introduce(release, contextOf())

    expect(currentVersion()).toBe('1.0.0')
  })

  test('may be a full commit, and a tag comes before a branch', async () => {
    const first = publish('1.0.0')
    const second = publish('2.0.0')
    shop().git('push', '-q', 'origin', 'v2.0.0^{}:refs/heads/v1.0.0')

    const byTag = await pin('1.0.0')
    const byCommit = await pin('2.0.0', { revision: second })

    expect(byTag.commit).toBe(first)
    expect(byCommit.commit).toBe(second)
  })

  test('that is on the host is not sent again, whichever worker comes', async () => {
    publish('1.0.0')
    const release = await pin('1.0.0')
    await worker().introduce(release, contextOf())

    const { note } = await worker('worker-2').introduce(release, contextOf())

    expect(note).toBe('already on the host')
  })

  test('is fetched once for all hosts of a worker', async () => {
    publish('1.0.0')
    const release = await pin('1.0.0')
    const other = worker('worker-2')

    const notes = await Promise.all([1, 2, 3].map(() => other.introduce(release, contextOf())))
    rmSync(join(bench.folder, 'origin'), { recursive: true })
    const later = await other.introduce(release, contextOf({ directory: `${bench.directory}-2` }))

    expect(notes.map(({ note }) => note)).toContainEqual(expect.stringMatching(/^sent/))
    expect(later.note).toMatch(/^sent/)
    expect(readdirSync(join(bench.folder, 'worker-2')).some((name) => name.startsWith('.'))).toBe(false)
  })

  test('is taken back by the change of a link', async () => {
    publish('1.0.0')
    publish('2.0.0')
    const first = await pin('1.0.0')
    const second = await pin('2.0.0')
    await worker().introduce(first, contextOf())
    const { previous } = await worker().introduce(second, contextOf())

    const { note } = await worker().revert(second, { ...contextOf(), previous })

    expect(note).toBe(`back to ${first.id}`)
    expect(readlinkSync(join(bench.directory, 'current'))).toBe(`releases/${first.id}`)
  })
})

describe('what cannot be had is told', () => {
  test.for([
    ['a revision that is not there', { revision: 'v9' }, 'REVISION_UNKNOWN', 'has no tag or branch v9'],
    ['a commit that is not there', { revision: 'f'.repeat(40) }, 'REVISION_UNKNOWN', `has no commit ${'f'.repeat(40)}`],
    ['a tag of something else than a commit', { revision: 'blob' }, 'REVISION_UNKNOWN', 'but it is not a commit'],
  ] as const)('%s', async ([, settings, code, words]) => {
    publish('1.0.0')
    shop().git('tag', 'blob', 'HEAD:version')
    shop().git('push', '-q', 'origin', 'blob')

    const error = await failure(pin('1.0.0', settings))

    expect(error.code).toBe(code)
    expect(error.message).toContain(words)
  })

  test('a commit of a file that some would write elsewhere', async () => {
    shop().write({ [String.raw`..\escaped`]: 'x' })
    publish('1.0.0')

    const error = await failure(pin('1.0.0'))

    expect(error.code).toBe('ARTIFACT_INVALID')
    expect(error.message).toMatch(/origin\/shop.git at [0-9a-f]{40} would write outside of its folder, to /)
  })

  test('a repository that is not there', async () => {
    const error = await failure(pin('1.0.0', { repository: `file://${bench.folder}/origin/none.git` }))

    expect(error.code).toBe('REPOSITORY_UNAVAILABLE')
    expect(error.message).toContain('origin/none.git cannot be read: ')
  })

  test('a repository that the worker is not to read', async () => {
    publish('1.0.0')

    const error = await failure(pin('1.0.0', {}, worker('worker-1', { repositories: ['https://git.example/'] })))

    expect(error.code).toBe('REPOSITORY_UNAVAILABLE')
    expect(error.message).toContain('changesets.git.repositories (https://git.example/)')
    expect(existsSync(join(bench.folder, 'worker-1'))).toBe(false)
  })

  test('a worker without git', async () => {
    const options = GitOptions.parse({
      repositories: ['https://git.example/'],
      mirrors: join(bench.folder, 'worker-1'),
    })
    const withoutGit = createGit(options, { env: { PATH: '/nonexistent' }, uploads: createUploads({}) })

    const error = await failure(pin('1.0.0', { repository: 'https://git.example/shop.git' }, withoutGit))

    expect(error.code).toBe('WORKER_TOOL_MISSING')
    expect(error.message).toContain('git is not installed on this worker')
  })
})

test('a worker keeps the archives that were used last', async () => {
  const on = worker()
  const commits: string[] = []
  for (let count = 1; count <= 12; count += 1) {
    commits.push(publish(`1.0.${count}`))
    const [archives] = existsSync(join(bench.folder, 'worker-1'))
      ? readdirSync(join(bench.folder, 'worker-1')).filter((name) => name.endsWith('.packed'))
      : []
    if (archives !== undefined)
      for (const [age, commit] of commits.slice(0, -1).toReversed().entries()) {
        const path = join(bench.folder, 'worker-1', archives, `${commit}.tar.gz`)
        if (existsSync(path)) utimesSync(path, 1_000_000 - age, 1_000_000 - age)
      }
    await pin(`1.0.${count}`, {}, on)
  }

  const [archives] = readdirSync(join(bench.folder, 'worker-1')).filter((name) => name.endsWith('.packed'))
  const kept = readdirSync(join(bench.folder, 'worker-1', archives!))

  expect(kept.toSorted()).toEqual(
    commits
      .slice(-10)
      .flatMap((commit) => [`${commit}.tar.gz`, `${commit}.tar.gz.json`])
      .toSorted(),
  )
})

describe('the commits between two releases', () => {
  const none = { count: 0, newest: [] }

  test('are listed both ways, newest first', async () => {
    const first = publish('1.0.0')
    const second = publish('1.1.0')
    const third = publish('1.2.0')
    const [old, latest] = [await pin('1.0.0'), await pin('1.2.0')]

    const ahead = await worker('worker-2').listCommits!(old, latest, signal)
    const back = await worker().listCommits!(latest, old, signal)

    expect(ahead).toMatchObject({ from: first, to: third, removed: none, added: { count: 2 } })
    expect(ahead!.added.newest).toMatchObject([
      { id: third, subject: '1.2.0', author: 'a' },
      { id: second, subject: '1.1.0' },
    ])
    expect(back).toMatchObject({ added: none, removed: { count: 2, newest: [{ id: third }, { id: second }] } })
  })

  test('are cut with their count, and what would steer a terminal is left out', async () => {
    publish('1.0.0')
    for (let index = 0; index < 24; index += 1) shop().git('commit', '-q', '--allow-empty', '-m', `step ${index}`)
    shop().git('commit', '-q', '--allow-empty', '-m', `\u001b[2J\u202egone ${'x'.repeat(200)}`)
    publish('1.1.0')

    const { added } = (await worker().listCommits!(await pin('1.0.0'), await pin('1.1.0'), signal))!

    expect(added.count).toBe(26)
    expect(added.newest).toHaveLength(20)
    expect(added.newest[1]!.subject).toMatch(/^\[2J gone x{20,}…$/)
  })

  test('of another repository are not listed, and a commit that is none never reaches git', async () => {
    publish('1.0.0')
    const release = await pin('1.0.0')

    const other = await worker().listCommits!({ ...release, repository: 'file:///elsewhere' }, release, signal)
    const failed = worker().listCommits!({ ...release, commit: '--output=/tmp/x' }, release, signal)

    expect(other).toBeUndefined()
    await expect(failed).rejects.toMatchObject({ code: 'REVISION_UNKNOWN' })
  })
})
