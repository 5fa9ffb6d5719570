import { Archive } from '@vesemir/contract'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { measureArchive } from '../release-folder/measure-archive.ts'
import type { Mirror } from './mirror.ts'
import { writeParts } from './write-parts.ts'

/** A commit's files, packed: the same for every host that this worker serves. */
interface PackedCommit {
  path: string
  archive: Archive
}

/** The commits of one repository that this worker has packed. Its calls may run at the same time, in other processes too. */
export interface PackedCommits {
  /**
   * Packs a commit's files with those of its submodules, fetched first when they are not here.
   * @throws {VesemirError} `ARTIFACT_INVALID`, `REPOSITORY_INCOMPLETE`, `REPOSITORY_UNAVAILABLE`, `REVISION_UNKNOWN`,
   * `WORKER_TOOL_MISSING`
   */
  pack: (commit: string, signal: AbortSignal) => Promise<PackedCommit>
}

const keptArchives = 10

/** Opens the packed commits of a repository in a folder, which is made when the first is packed. */
export function openPackedCommits(
  repository: string,
  { folder, mirrorOf }: { folder: string; mirrorOf: (repository: string) => Mirror },
): PackedCommits {
  async function packNow(commit: string, signal: AbortSignal): Promise<PackedCommit> {
    const path = join(folder, `${commit}.tar.gz`)
    const known = await readFacts(path)
    if (known) return { path, archive: known }
    await mkdir(folder, { recursive: true })
    const into = await mkdtemp(`${folder}/.`)
    const made = join(into, 'made')
    try {
      const parts = writeParts({ repository, commit, folder: '' }, { into, mirrorOf, signal })
      await pipeline(joinTars(parts), createGzip(), createWriteStream(made))
      const archive = await measureArchive(createReadStream(made))
      await rename(made, path)
      await writeFile(made, JSON.stringify(archive))
      await rename(made, factsOf(path))
      return { path, archive }
    } finally {
      await rm(into, { recursive: true, force: true })
      await removeOld(folder)
    }
  }

  let last: Promise<unknown> = Promise.resolve()
  return {
    // One after another: a worker's hosts begin at once, and those that waited find what they want to be there.
    pack(commit, signal) {
      const mine = last.then(() => packNow(commit, signal))
      last = mine.catch(() => {})
      return mine
    },
  }
}

/** Joins tars to one: two blocks of zeros end it, and nothing before them does. */
async function* joinTars(tars: AsyncIterable<{ path: string; bytes: number }>): AsyncGenerator<Uint8Array> {
  for await (const { path, bytes } of tars) {
    yield* createReadStream(path, { end: bytes - 1 })
    await rm(path)
  }
  yield Buffer.alloc(1024)
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
