import { VesemirError } from '@vesemir/core'
import type { Fetch } from '../../http/create-fetch.ts'
import type { HeadersFor } from './credentials.ts'
import { openUrl, type Opened } from './open-url.ts'
import { readChunks } from '../read-chunks.ts'
import { unavailable } from './unavailable.ts'
import { constants, open, realpath } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where this worker may read artifacts, and as whom. */
export interface ArtifactSource {
  folders: readonly string[]
  headersFor: HeadersFor
  fetch: Fetch
  signal: AbortSignal
}

/**
 * Reads an artifact from where its URL says, in chunks that are good until the next is asked for. What was opened is closed
 * when the reader stops early.
 * @throws {VesemirError} `ARTIFACT_UNAVAILABLE`
 */
export async function* readArtifact(url: string, source: ArtifactSource): AsyncGenerator<Uint8Array> {
  const { protocol } = new URL(url)
  try {
    yield* protocol === 'file:' ? readFile(url, source) : download(url, source)
  } catch (error) {
    throw asUnavailable(error, url, source.signal)
  }
}

/**
 * Finds the address that a host is to fetch an artifact from: where redirects lead, with what is to be sent there.
 * @throws {VesemirError} `ARTIFACT_UNAVAILABLE`
 */
export async function findAddress(url: string, source: ArtifactSource): Promise<Omit<Opened, 'response'>> {
  try {
    const { response, ...address } = await openUrl(url, source)
    await response.body?.cancel()
    return address
  } catch (error) {
    throw asUnavailable(error, url, source.signal)
  }
}

function asUnavailable(error: unknown, url: string, signal: AbortSignal): unknown {
  signal.throwIfAborted()
  return error instanceof VesemirError ? error : unavailable(url, `cannot be read: ${inWords(error)}`, error)
}

async function* readFile(url: string, { folders, signal }: ArtifactSource): AsyncGenerator<Uint8Array> {
  const path = await realpath(fileURLToPath(url))
  if (!(await isBelowOneOf(folders, path))) {
    const allowed = folders.length > 0 ? folders.join(', ') : 'none is set'
    throw unavailable(
      url,
      `is not below one of the folders of the worker's setting changesets.artifact.folders (${allowed})`,
    )
  }
  // The path has no links left; should one have come in between, it is not followed. Nor is a pipe waited for.
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  if (!(await file.stat()).isFile()) throw unavailable(url, 'is not a file')
  for await (const chunk of readChunks(file)) {
    signal.throwIfAborted()
    yield chunk
  }
}

async function isBelowOneOf(folders: readonly string[], path: string): Promise<boolean> {
  for (const folder of folders) {
    const way = relative(await realpath(folder), path)
    if (way !== '..' && !way.startsWith(`..${sep}`)) return true
  }
  return false
}

async function* download(url: string, source: ArtifactSource): AsyncGenerator<Uint8Array> {
  const { response } = await openUrl(url, source)
  try {
    const encoding = response.headers.get('content-encoding') ?? 'identity'
    // fetch would unpack it, and its sum would be another one.
    if (encoding !== 'identity')
      throw unavailable(url, `was sent with Content-Encoding: ${encoding}, not as the file that it is`)
    if (response.body) yield* response.body
  } finally {
    if (response.body && !response.body.locked) await response.body.cancel()
  }
}

/** fetch says only that it failed; why is in the cause. */
function inWords(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message || (cause as NodeJS.ErrnoException).code}` : message
}
