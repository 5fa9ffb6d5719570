import type { Archive } from '@vesemir/contract'
import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import type { Fetch } from '../../http/create-fetch.ts'
import { kept, readChunks } from '../read-chunks.ts'
import { createFileList } from '../release-folder/file-list.ts'
import { leastBytesToCopy } from '../release-folder/introduce-release.ts'
import { isTarFormat, measureArchive, measureFile } from '../release-folder/measure-archive.ts'
import { artifactMismatch } from '../release-folder/verified.ts'
import type { ArtifactCache } from './artifact-cache.ts'
import type { HeadersFor } from './credentials.ts'
import { createDeltas, type Deltas } from './deltas.ts'
import { download } from './download.ts'
import { openUrl, type Asking, type Opened } from './open-url.ts'
import { retried } from './passing-failure.ts'
import { readLocalFile } from './read-local-file.ts'
import { createSharedTasks } from './shared-tasks.ts'
import { nameOf, tooLarge, unavailable } from './unavailable.ts'

/** Where a worker has artifacts from. What comes by HTTP is downloaded once, and read from the worker's disk from then on. */
export interface ArtifactSource {
  /**
   * Reads all of an artifact for what is pinned of it.
   * @throws {VesemirError} `ARTIFACT_UNAVAILABLE`, `ARTIFACT_SERVER_FAILED`, `WORKER_TOOL_MISSING`
   * @throws {ArchiveInvalid}
   */
  measure(url: string, wanted: Wanted): Promise<Archive>
  /**
   * Reads a pinned artifact, in chunks that are good until the next is asked for. One download is for all who want it at once.
   * @throws {VesemirError} `ARTIFACT_UNAVAILABLE`, `ARTIFACT_SERVER_FAILED`, `ARTIFACT_MISMATCH`
   */
  read(url: string, pinned: { sha256: string } & Asked): AsyncGenerator<Uint8Array>
  /**
   * Finds the address that a host is to fetch an artifact from: where redirects lead, with what is to be sent there.
   * @throws {VesemirError} `ARTIFACT_UNAVAILABLE`, `ARTIFACT_SERVER_FAILED`
   */
  findAddress(url: string, asked: Asked): Promise<Omit<Opened, 'response'>>
  /**
   * Reads a small file as text, of which nothing is kept.
   * @throws {VesemirError} `ARTIFACT_UNAVAILABLE`, `ARTIFACT_SERVER_FAILED`, `ARTIFACT_TOO_LARGE`
   */
  readText(url: string, asked: Asked & { maxBytes: number }): Promise<string>
  /** Removes a download that is not what it was taken for. */
  forget(sha256: string): Promise<void>
  /** Finds what to send to hosts that have another release. */
  readonly deltas: Pick<Deltas, 'find'>
}

interface Asked {
  /** What the changeset has sent to the server of its URL; it may be secret. */
  headers: Readonly<Record<string, string>> | undefined
  signal: AbortSignal
}

interface Wanted extends Asked {
  /** The sum that it must have, where that is known. */
  sha256: string | undefined
  /** Whether it is an archive, or a file of any kind. */
  unpack: boolean
}

interface SourceOptions {
  folders: readonly string[]
  headersFor: HeadersFor
  fetch: Fetch
  stallTimeoutMs: number
  maxBytes: number
  /** The most that an archive may unpack to. */
  maxUnpackedBytes: number
  cache: ArtifactCache
}

// Others may make room for theirs between a download and its first reader.
const mostDownloads = 3

/** Creates the source of one worker's artifacts. */
export function createArtifactSource({ folders, cache, maxUnpackedBytes, ...server }: SourceOptions): ArtifactSource {
  const downloadOnce = createSharedTasks()
  const deltas = createDeltas(cache)

  async function openDownloaded(url: string, sha256: string, asked: Asked): Promise<FileHandle> {
    for (let downloads = 0; downloads <= mostDownloads; downloads += 1) {
      const file = await cache.open(sha256)
      if (file) return file
      if (downloads < mostDownloads) await downloadToCache(url, sha256, asked)
    }
    const what = `was removed ${mostDownloads} times before it was read: changesets.artifact.cache.maxBytes is too low for the artifacts in use`
    throw unavailable(url, what)
  }

  function downloadToCache(url: string, sha256: string, asked: Asked): Promise<void> {
    return downloadOnce(sha256, asked.signal, async (signal) => {
      await cache.add(async (path) => {
        await download(url, path, askingOf(url, { ...server, ...asked, signal }))
        const seen = await sumOf(path)
        if (seen !== sha256) throw artifactMismatch(nameOf(url), sha256, seen)
        return { sha256 }
      })
    })
  }

  return {
    deltas,
    async measure(url, { sha256, unpack, ...asked }) {
      const measure = (chunks: AsyncIterable<Uint8Array>) =>
        unpack ? measureAndList(kept(chunks), { maxUnpackedBytes, deltas }) : measureFile(kept(chunks))
      if (isLocal(url)) return measure(readLocalFile(url, { folders, signal: asked.signal }))
      await using known = sha256 === undefined ? undefined : await cache.open(sha256)
      const archive = known && (await measure(readChunks(known)))
      if (archive && archive.sha256 === sha256) return archive
      return cache.add(async (path) => {
        await download(url, path, askingOf(url, { ...server, ...asked }))
        await using file = await open(path)
        return await measure(readChunks(file))
      })
    },

    async *read(url, { sha256, ...asked }) {
      if (isLocal(url)) return yield* readLocalFile(url, { folders, signal: asked.signal })
      await using file = await openDownloaded(url, sha256, asked)
      yield* readChunks(file)
    },

    findAddress: (url, asked) => findAddress(url, askingOf(url, { ...server, ...asked })),
    readText: (url, asked) =>
      readSmall(url, { folders, maxBytes: asked.maxBytes, asking: askingOf(url, { ...server, ...asked }) }),
    forget: (sha256) => cache.forget(sha256),
  }
}

/** Measures an archive, and keeps the list of its files where a later release may be sent as a part. */
async function measureAndList(
  chunks: AsyncIterable<Uint8Array>,
  { maxUnpackedBytes, deltas }: Pick<SourceOptions, 'maxUnpackedBytes'> & { deltas: Pick<Deltas, 'keep'> },
): Promise<Archive> {
  const list = createFileList()
  const archive = await measureArchive(chunks, { maxUnpackedBytes, onTarEntry: list.see })
  if (isTarFormat(archive.format) && archive.bytes >= leastBytesToCopy) await deltas.keep(archive.sha256, list.files())
  return archive
}

/** A redirect to another server takes no headers of the changeset there. */
function askingOf(url: string, { headers, headersFor, ...asking }: Asked & Omit<Asking, 'signal'>): Asking {
  return {
    ...asking,
    headersFor: (address) => ({ ...(isSameServer(address, url) ? headers : {}), ...headersFor(address) }),
  }
}

function isSameServer(address: string, other: string): boolean {
  return new URL(address).origin === new URL(other).origin
}

function isLocal(url: string): boolean {
  return new URL(url).protocol === 'file:'
}

async function findAddress(url: string, asking: Asking): Promise<Omit<Opened, 'response'>> {
  const find = async () => {
    const { response, ...address } = await openUrl(url, asking)
    await response.body?.cancel()
    return address
  }
  return retried(find, { signal: asking.signal })
}

async function readSmall(
  url: string,
  { folders, maxBytes, asking }: { folders: readonly string[]; maxBytes: number; asking: Asking },
): Promise<string> {
  const { signal } = asking
  if (isLocal(url)) return textOf(url, readLocalFile(url, { folders, signal }), maxBytes)
  const ask = async () => textOf(url, (await openUrl(url, asking)).response.body ?? [], maxBytes)
  return retried(ask, { signal })
}

async function textOf(
  url: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): Promise<string> {
  let text = Buffer.alloc(0)
  for await (const chunk of chunks) {
    text = Buffer.concat([text, chunk])
    if (text.length > maxBytes) throw tooLarge(url, maxBytes)
  }
  return text.toString()
}

async function sumOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await using file = await open(path)
  for await (const chunk of readChunks(file)) hash.update(chunk)
  return hash.digest('hex')
}
