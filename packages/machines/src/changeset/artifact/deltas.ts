import type { Archive } from '@vesemir/contract'
import { randomBytes } from 'node:crypto'
import { readChunks } from '../read-chunks.ts'
import {
  createFileList,
  filesBelow,
  readFileList,
  sumOfContents,
  sumOfPaths,
  topFolderOf,
  writeFileList,
  type FileList,
} from '../release-folder/file-list.ts'
import type { Base, Delta } from '../release-folder/introduce-release.ts'
import { isTarFormat, unpackTar, type TarFormat } from '../release-folder/measure-archive.ts'
import { readTar } from '../release-folder/read-tar.ts'
import { writeDelta } from '../release-folder/write-delta.ts'
import type { ArtifactCache } from './artifact-cache.ts'
import { createSharedTasks } from './shared-tasks.ts'

/** The deltas between releases: what a host lacks that has another release. */
export interface Deltas {
  /** Keeps which files an artifact has, for later deployments. */
  keep(sha256: string, files: FileList): Promise<void>
  /** Finds what a host lacks that has this base; undefined where all is to be sent. */
  find(base: Base, wanted: Wanted, signal: AbortSignal): Promise<Delta | undefined>
}

interface Wanted {
  archive: Archive
  /** The folder at its top that is left out. */
  folder: string | undefined
  /** Paths that are links in the release, or written for it: what an archive has there is not in it. */
  replaced: readonly string[]
  read: (signal: AbortSignal) => AsyncIterable<Uint8Array>
}

/** A release of which less than this share is unchanged is sent as a whole. */
const leastKept = 0.5

/** Creates the deltas of a worker: each is made once for all hosts that have the same base, and kept in the cache. */
export function createDeltas(cache: ArtifactCache): Deltas {
  const makeOnce = createSharedTasks()
  const made = new Map<string, Omit<Delta, 'read'>>()
  // Workers may share a cache, and each knows its own deltas alone: another version, or another zlib, writes the same one otherwise.
  const maker = randomBytes(8).toString('hex')
  const { keep, findLists } = createLists(cache)

  async function isThere(name: string): Promise<boolean> {
    await using file = await cache.open(name)
    return file !== undefined && made.has(name)
  }

  async function* readFrom(name: string): AsyncGenerator<Uint8Array> {
    await using file = await cache.open(name)
    if (!file) throw new Error(`${name} was removed from the cache before it was sent`)
    yield* readChunks(file)
  }

  return {
    keep,
    async find(base, wanted, signal) {
      const { archive, folder, read } = wanted
      const { format } = archive
      if (!isTarFormat(format)) return undefined
      const name = nameOf(maker, base, wanted)
      if (!(await isThere(name))) {
        const lists = await findLists(base, wanted, { format, signal })
        if (!lists) return undefined
        await makeOnce(name, signal, async (signal) => {
          const delta = await cache.make(name, (path) => writeDelta(read(signal), path, { format, folder, ...lists }))
          made.set(name, { ...delta, contents: sumOfContents(lists.to) })
        })
      }
      return { ...made.get(name)!, read: () => readFrom(name) }
    },
  }
}

/** Keeps the lists of archives' files in the cache. */
function createLists(cache: ArtifactCache) {
  async function listOf(
    { archive, read }: Wanted,
    { format, signal }: { format: TarFormat; signal: AbortSignal },
  ): Promise<FileList> {
    const known = await knownList(archive.sha256)
    if (known) return known
    const list = createFileList()
    await readTar(unpackTar(format, read(signal)), list.see)
    await keep(archive.sha256, list.files())
    return list.files()
  }

  async function knownList(sha256: string): Promise<FileList | undefined> {
    const text = await cache.noted(sha256)
    return text === undefined ? undefined : readFileList(text)
  }

  function keep(sha256: string, files: FileList): Promise<void> {
    return cache.note(sha256, writeFileList(files))
  }

  /** Returns the files of the base and of the release; undefined where the base is not known, or too little of it is unchanged. */
  async function findLists(base: Base, wanted: Wanted, reading: { format: TarFormat; signal: AbortSignal }) {
    const to = filesBelow(await listOf(wanted, reading), wanted.folder)
    const from = releaseIn(await knownList(base.stamp), { sum: base.sum, replaced: wanted.replaced })
    return from && keptShare(from, to) >= leastKept ? { from, to } : undefined
  }

  return { keep, findLists }
}

/** The same paths and sizes may be those of several bases: a delta is for the contents of one. */
function nameOf(maker: string, { stamp, sum }: Base, { archive, folder }: Wanted): `.${string}` {
  return `.delta-${maker}-${archive.sha256}-${folder === undefined ? 'whole' : 'below'}-${stamp}-${sum}`
}

/** The files of a release as a host has them: of an archive, or below its one folder at the top. */
function releaseIn(
  files: FileList | undefined,
  { sum, replaced }: { sum: string; replaced: readonly string[] },
): FileList | undefined {
  if (!files) return undefined
  const below = topFolderOf(files)
  const releases = [files, ...(below === undefined ? [] : [filesBelow(files, below)])]
  return releases.map((some) => without(some, replaced)).find((some) => sumOfPaths(some) === sum)
}

function without(files: FileList, replaced: readonly string[]): FileList {
  const others = replaced.map((path) => path.replace(/\/$/, ''))
  const isReplaced = (path: string) => others.some((other) => path === other || path.startsWith(`${other}/`))
  return others.length === 0 ? files : new Map([...files].filter(([path]) => !isReplaced(path)))
}

/** Returns the share of a release that is unchanged, by bytes. */
function keptShare(from: FileList, to: FileList): number {
  let [all, kept] = [0, 0]
  for (const [path, file] of to) {
    all += file.bytes
    if (from.get(path)?.sha256 === file.sha256) kept += file.bytes
  }
  return all === 0 ? 0 : kept / all
}
