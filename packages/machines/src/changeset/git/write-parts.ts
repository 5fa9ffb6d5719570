import { isVesemirError, VesemirError } from '@vesemir/core'
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { ArchiveInvalid } from '../release-folder/archive-invalid.ts'
import { readTar } from '../release-folder/read-tar.ts'
import { incomplete } from './incomplete.ts'
import type { Mirror } from './mirror.ts'
import type { Submodule } from './submodules.ts'

/** A tar with a commit's own files, and how many bytes come before the zeros that end it. */
interface Part {
  path: string
  bytes: number
}

interface Source {
  repository: string
  commit: string
  /** Where its files are in the release; ends in "/", or is empty at the top. */
  folder: string
}

interface Options {
  /** The folder that the tars are written to. */
  into: string
  mirrorOf: (repository: string) => Mirror
  signal: AbortSignal
}

/**
 * Writes a commit and its submodules, theirs included, to a tar each.
 * @throws {VesemirError} as `PackedCommits`
 */
export async function* writeParts(source: Source, options: Options): AsyncGenerator<Part> {
  const mirror = options.mirrorOf(source.repository)
  const path = join(options.into, `${randomUUID()}.tar`)
  await mirror.archive(source.commit, { path, folder: source.folder, signal: options.signal })
  const { bytes, folders } = await readPart(path, source)
  yield { path, bytes }
  for (const submodule of await mirror.submodules(source.commit, options.signal)) {
    const folder = `${source.folder}${submodule.path}/`
    // One that is not there was left out by export-ignore.
    if (folders.has(folder)) yield* writeSubmodule(submodule, { ...options, source, folder })
  }
}

async function* writeSubmodule(
  { path, commit, repository }: Submodule,
  { source, folder, ...options }: Options & { source: Source; folder: string },
): AsyncGenerator<Part> {
  if (repository === undefined)
    throw incomplete(source, `has the submodule ${path}, and its .gitmodules no https:, ssh: or file: URL for it`)
  try {
    yield* writeParts({ repository, commit, folder }, options)
  } catch (error) {
    const isUnread = isVesemirError(error, 'REPOSITORY_UNAVAILABLE') || isVesemirError(error, 'REVISION_UNKNOWN')
    if (!isUnread) throw error
    throw incomplete(source, `has the submodule ${path}, which is missing: ${error.message}`, error)
  }
}

/** What a file begins with that git, as it is set up on the worker, could not make what it stands for. */
const unfinished = [
  { start: Buffer.from('version https://git-lfs.github.com/spec/v1\n'), what: 'as a pointer of Git LFS alone' },
  { start: Buffer.from('\0GITCRYPT\0'), what: 'as git-crypt encrypted it' },
]

async function readPart(path: string, source: Source): Promise<{ bytes: number; folders: Set<string> }> {
  const folders = new Set<string>()
  try {
    const bytes = await readTar(createReadStream(path), ({ name, isFolder, start: begin }) => {
      if (isFolder) folders.add(name)
      const found = unfinished.find(({ start }) => begin?.subarray(0, start.length).equals(start))
      if (found) throw incomplete(source, `has the file ${JSON.stringify(name)} ${found.what}`)
    })
    return { bytes, folders }
  } catch (error) {
    if (!(error instanceof ArchiveInvalid)) throw error
    const { repository, commit } = source
    const message = `${repository} at ${commit} ${error.message}`
    throw new VesemirError('ARTIFACT_INVALID', message, { cause: error, details: { repository } })
  }
}
