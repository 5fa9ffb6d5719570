import { Archive } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ArchiveInvalid } from '../release-folder/archive-invalid.ts'
import { measureArchive } from '../release-folder/measure-archive.ts'
import { GitFailed, runGit } from './run-git.ts'

/** A commit's files, packed: the same for every host that this worker serves. */
interface PackedCommit {
  path: string
  archive: Archive
}

/** What this worker has of a repository. Its calls may run at the same time, in other processes too. */
export interface Mirror {
  /**
   * Finds the commit that a tag, else a branch, names now; a full commit stands for itself.
   * @throws {VesemirError} `REPOSITORY_UNAVAILABLE`, `REVISION_UNKNOWN`
   */
  resolve: (revision: string, signal: AbortSignal) => Promise<string>
  /**
   * Packs a commit's files, fetched first when it is not here.
   * @throws {VesemirError} `ARTIFACT_INVALID`, and as `resolve`
   */
  pack: (commit: string, signal: AbortSignal) => Promise<PackedCommit>
}

const keptArchives = 10

/** Opens the mirror of a repository below a folder; it is made when something is to be fetched. */
export function openMirror(
  repository: string,
  { folder, env }: { folder: string; env: Readonly<Record<string, string | undefined>> },
): Mirror {
  const name = `${basename(repository, '.git')}-${createHash('sha256').update(repository).digest('hex').slice(0, 12)}`
  const git = join(folder, `${name}.git`)
  const archives = join(folder, `${name}.archives`)
  const run = (args: readonly string[], signal: AbortSignal) => runGit(args, { env, signal })

  async function resolve(revision: string, signal: AbortSignal): Promise<string> {
    const wanted = [`refs/tags/${revision}^{}`, `refs/tags/${revision}`, `refs/heads/${revision}`]
    const listed = await run(['ls-remote', '--', repository, ...wanted], signal).catch((error: unknown) => {
      throw unavailable(error, repository)
    })
    const commits = new Map(listed.split('\n').map((line) => line.split('\t').toReversed() as [string, string]))
    const commit = wanted.map((ref) => commits.get(ref)).find((found) => found !== undefined)
    if (commit !== undefined) return commit
    if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(revision)) return revision
    throw unknown(repository, `has no tag and no branch ${revision}, and that is no full commit`)
  }

  async function fetch(commit: string, signal: AbortSignal): Promise<void> {
    const isHere = () =>
      run(['-C', git, 'cat-file', '-e', `${commit}^{commit}`], signal).then(
        () => true,
        (error: unknown) => {
          if (error instanceof GitFailed) return false
          throw error
        },
      )
    if (await isHere()) return
    try {
      await run(['init', '--quiet', '--bare', git], signal)
      // A reference for each commit keeps it, and is what the next fetch need not bring again.
      const target = `+${commit}:refs/vesemir/${commit}`
      await run(['-C', git, 'fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--', repository, target], signal)
    } catch (error) {
      // Another process may have been at the same reference, and have fetched it.
      if (await isHere()) return
      if (error instanceof GitFailed && /not our ref|couldn't find remote ref/.test(error.message))
        throw unknown(repository, `has no commit ${commit} (any more)`, error)
      throw unavailable(error, repository)
    }
    if (!(await isHere())) throw unknown(repository, `has ${commit}, but it is not a commit`)
  }

  async function packNow(commit: string, signal: AbortSignal): Promise<PackedCommit> {
    const path = join(archives, `${commit}.tar.gz`)
    const known = await readFacts(path)
    if (known) return { path, archive: known }
    await fetch(commit, signal)
    await mkdir(archives, { recursive: true })
    const made = join(archives, `.${randomUUID()}`)
    try {
      await run(['-C', git, 'archive', '--format=tar.gz', `--output=${made}`, commit], signal)
      const archive = await measureArchive(createReadStream(made)).catch((error: unknown) => {
        throw error instanceof ArchiveInvalid ? invalid(error, { repository, commit }) : error
      })
      await rename(made, path)
      await writeFile(made, JSON.stringify(archive))
      await rename(made, factsOf(path))
      return { path, archive }
    } finally {
      await rm(made, { force: true })
      await removeOld(archives)
    }
  }

  let last: Promise<unknown> = Promise.resolve()
  // One after another: a worker's hosts begin at once, and those that waited find what they want to be there.
  function pack(commit: string, signal: AbortSignal): Promise<PackedCommit> {
    const mine = last.then(() => packNow(commit, signal))
    last = mine.catch(() => {})
    return mine
  }

  return { resolve, pack }
}

const factsOf = (path: string) => `${path}.json`

/** What was measured of an archive that is here; it counts as used now. */
async function readFacts(path: string): Promise<Archive | undefined> {
  try {
    const facts = Archive.parse(JSON.parse(await readFile(factsOf(path), 'utf8')))
    if ((await stat(path)).size !== facts.bytes) return undefined
    const now = new Date()
    await utimes(path, now, now)
    return facts
  } catch {
    return undefined
  }
}

/** Keeps the archives that were used last. One that is being read is read to its end, as files are. */
async function removeOld(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.tar.gz'))
  const used = await Promise.all(
    names.map(async (name) => {
      const seen = await stat(join(folder, name)).catch(() => undefined)
      return { name, atMs: seen?.mtimeMs ?? 0 }
    }),
  )
  for (const { name } of used.toSorted((a, b) => b.atMs - a.atMs).slice(keptArchives)) {
    await rm(factsOf(join(folder, name)), { force: true })
    await rm(join(folder, name), { force: true })
  }
}

function unavailable(error: unknown, repository: string): unknown {
  if (!(error instanceof GitFailed)) return error
  const message = `${repository} cannot be read: ${error.message}`
  return new VesemirError('REPOSITORY_UNAVAILABLE', message, { cause: error, details: { repository } })
}

function invalid(cause: ArchiveInvalid, { repository, commit }: { repository: string; commit: string }): VesemirError {
  const message = `${repository} at ${commit} ${cause.message}`
  return new VesemirError('ARTIFACT_INVALID', message, { cause, details: { repository } })
}

function unknown(repository: string, what: string, cause?: unknown): VesemirError {
  return new VesemirError('REVISION_UNKNOWN', `${repository} ${what}`, { cause, details: { repository } })
}
