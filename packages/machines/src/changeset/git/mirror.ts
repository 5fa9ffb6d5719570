import type { CommitChanges } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { archiveArguments, readLargeFileServer, explainLargeFileError } from './large-files.ts'
import { readHistory } from './read-history.ts'
import { GitFailed, runGit } from './run-git.ts'
import { readSubmodules, type Submodule } from './submodules.ts'

/** What this worker has of a repository. Its calls may run at the same time, in other processes too. */
export interface Mirror {
  /**
   * Finds the commit that a tag, else a branch, names now; a full commit stands for itself.
   * @throws {VesemirError} `REPOSITORY_UNAVAILABLE`, `REVISION_UNKNOWN`
   */
  resolve: (revision: string, signal: AbortSignal) => Promise<string>
  /**
   * Writes a commit's files to a tar, below a folder of it, fetched first when they are not here. Those of Git LFS are in the place
   * of their pointers, and submodules are empty folders.
   * @throws {VesemirError} `REPOSITORY_INCOMPLETE`, `WORKER_TOOL_MISSING`, and as `resolve`
   */
  archive: (commit: string, tar: { path: string; folder: string; signal: AbortSignal }) => Promise<void>
  /** Lists the commits that one of two commits has and the other lacks, both fetched first when they are not here. Throws as `resolve`. */
  compare: (from: string, to: string, signal: AbortSignal) => Promise<CommitChanges>
  /** Lists the submodules of a commit that was archived. */
  submodules: (commit: string, signal: AbortSignal) => Promise<Submodule[]>
}

interface MirrorOptions {
  /** The folder of the mirror, which is made when something is to be fetched. */
  git: string
  env: Readonly<Record<string, string | undefined>>
  /** Whether the worker may read below an address. */
  isAllowed: (url: string) => boolean
}

type Run = (args: readonly string[], signal: AbortSignal) => Promise<string>

/** Opens the mirror of a repository. */
export function openMirror(repository: string, { git, env, isAllowed }: MirrorOptions): Mirror {
  const run: Run = (args, signal) => runGit(args, { env, signal })
  const runHere: Run = (args, signal) => run(['-C', git, ...args], signal)

  async function fetch(commit: string, signal: AbortSignal): Promise<void> {
    if (await hasCommit(commit, { run: runHere, signal })) return
    try {
      await run(['init', '--quiet', '--bare', git], signal)
      // A reference for each commit keeps it, and is what the next fetch need not bring again.
      const target = `+${commit}:refs/vesemir/${commit}`
      await runHere(['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--', repository, target], signal)
    } catch (error) {
      // Another process may have been at the same reference, and have fetched it.
      if (await hasCommit(commit, { run: runHere, signal })) return
      if (error instanceof GitFailed && /not our ref|couldn't find remote ref/.test(error.message))
        throw unknown(repository, `has no commit ${commit}`, error)
      throw unavailable(error, repository)
    }
    if (!(await hasCommit(commit, { run: runHere, signal })))
      throw unknown(repository, `has ${commit}, but it is not a commit`)
  }

  return {
    resolve: (revision, signal) => resolve(revision, { repository, run, signal }),

    async archive(commit, { path, folder, signal }) {
      const runGitHere = (args: readonly string[]) => runHere(args, signal)
      await fetch(commit, signal)
      const server = await readLargeFileServer(commit, { repository, isAllowed, run: runGitHere })
      const tar = ['archive', '--format=tar', `--prefix=${folder}`, `--output=${path}`, commit]
      await runGitHere([...archiveArguments(repository, server), ...tar]).catch(async (error: unknown) => {
        throw await explainLargeFileError(error, { repository, commit, run: runGitHere })
      })
    },

    async compare(from, to, signal) {
      for (const commit of [from, to]) {
        if (!isFullCommit(commit)) throw unknown(repository, `has no commit ${JSON.stringify(commit)}`)
        await fetch(commit, signal)
      }
      return readHistory({ from, to }, (args) => runHere(args, signal)).catch((error: unknown) => {
        throw unavailable(error, repository)
      })
    },

    submodules: (commit, signal) => readSubmodules(commit, { repository, run: (args) => runHere(args, signal) }),
  }
}

async function resolve(
  revision: string,
  { repository, run, signal }: { repository: string; run: Run; signal: AbortSignal },
): Promise<string> {
  const wanted = [`refs/tags/${revision}^{}`, `refs/tags/${revision}`, `refs/heads/${revision}`]
  const listed = await run(['ls-remote', '--', repository, ...wanted], signal).catch((error: unknown) => {
    throw unavailable(error, repository)
  })
  const commits = new Map(listed.split('\n').map((line) => line.split('\t').toReversed() as [string, string]))
  const commit = wanted.map((ref) => commits.get(ref)).find((found) => found !== undefined)
  if (commit !== undefined) return commit
  if (isFullCommit(revision)) return revision
  throw unknown(repository, `has no tag or branch ${revision}, and ${revision} is not a full commit`)
}

function isFullCommit(revision: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(revision)
}

async function hasCommit(commit: string, { run, signal }: { run: Run; signal: AbortSignal }): Promise<boolean> {
  try {
    await run(['cat-file', '-e', `${commit}^{commit}`], signal)
    return true
  } catch (error) {
    if (error instanceof GitFailed) return false
    throw error
  }
}

function unavailable(error: unknown, repository: string): unknown {
  if (!(error instanceof GitFailed)) return error
  const message = `${repository} cannot be read: ${error.message}`
  return new VesemirError('REPOSITORY_UNAVAILABLE', message, { cause: error, details: { repository } })
}

function unknown(repository: string, what: string, cause?: unknown): VesemirError {
  return new VesemirError('REVISION_UNKNOWN', `${repository} ${what}`, { cause, details: { repository } })
}
