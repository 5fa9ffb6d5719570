import { GitChangeset, type LogLine } from '@vesemir/contract'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach } from 'vitest'
import { aSpec } from '../../testing/a-spec.ts'
import { useReleaseBench } from '../../testing/release-bench.ts'
import { createUploads } from '../../uploads.ts'
import { createGit } from '../create-git.ts'
import { GitOptions } from '../git-options.ts'

type Settings = Partial<GitChangeset>

// What is configured on the machine that runs the tests is not part of them.
const gitEnv = { ...process.env, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' }
const always = '-c user.name=a -c user.email=a@b -c init.defaultBranch=main'

/** A working tree, and the repository that it is pushed to. */
export interface Repository {
  url: string
  git: (...args: string[]) => string
  write: (files: Readonly<Record<string, string | Buffer>>) => void
  /** Commits all that is there, tags it with the version, and pushes both; returns the commit. */
  push: (version: string) => string
  /** Commits a file that names the version, tags it, and pushes both; returns the commit. */
  publish: (version: string) => string
  /** Puts a submodule into the working tree; without a URL, .gitmodules does not know it. */
  link: (path: string, commit: string, url?: string) => void
}

/** Gives each test of a file what `useReleaseBench` does, and repositories below `origin/` that workers may read. */
export function useGitBench() {
  const bench = useReleaseBench()
  const origin = () => join(bench.folder, 'origin')
  let shop: Repository

  function repository(name: string): Repository {
    const bare = join(origin(), `${name}.git`)
    const work = join(bench.folder, `work-${name}`)
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', work, ...always.split(' '), ...args], {
        encoding: 'utf8',
        env: gitEnv,
        stdio: 'pipe',
      }).trim()
    const write: Repository['write'] = (files) => {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(work, path)), { recursive: true })
        writeFileSync(join(work, path), content)
      }
    }
    const push = (version: string) => {
      git('add', '.')
      git('commit', '-qm', version)
      git('tag', '-am', version, `v${version}`)
      git('push', '-q', 'origin', 'main', `v${version}`)
      return git('rev-parse', 'HEAD')
    }
    const publish = (version: string) => {
      write({ version: `${version}\n` })
      return push(version)
    }
    const link: Repository['link'] = (path, commit, url) => {
      mkdirSync(join(work, path), { recursive: true })
      git('update-index', '--add', '--cacheinfo', `160000,${commit},${path}`)
      if (url !== undefined) write({ '.gitmodules': `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n` })
    }
    mkdirSync(work)
    execFileSync('git', ['init', '-q', '--bare', '--initial-branch=main', bare], { env: gitEnv })
    git('init', '-q')
    git('remote', 'add', 'origin', `file://${bare}`)
    return { url: `file://${bare}`, git, write, push, publish, link }
  }

  /** The strategy on a worker; another worker has a folder of its own. */
  function worker(
    name = 'worker-1',
    { repositories = [`file://${origin()}/`], env = {} }: { repositories?: string[]; env?: NodeJS.ProcessEnv } = {},
  ) {
    const options = GitOptions.parse({ repositories, mirrors: join(bench.folder, name) })
    return createGit(options, { env: { ...gitEnv, ...env }, uploads: createUploads({}) })
  }

  const changesetOf = (settings: Settings) =>
    GitChangeset.parse({
      strategy: 'git',
      repository: shop.url,
      revision: 'v{version}',
      directory: bench.directory,
      ...settings,
    })

  beforeEach(() => {
    mkdirSync(origin())
    shop = repository('shop')
  })

  return {
    bench,
    repository,
    worker,
    /** The repository that is deployed. */
    shop: () => shop,
    pin: (version: string, settings: Settings = {}, on = worker()) => on.pin(changesetOf(settings), aSpec({ version })),
    contextOf: (settings: Settings = {}) => ({
      changeset: changesetOf(settings),
      session: bench.session,
      env: {},
      variables: {},
      secretNames: [],
      onLine: (_: LogLine) => {},
      signal: undefined,
    }),
  }
}
