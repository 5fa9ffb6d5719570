import { VesemirError } from '@vesemir/core'
import { constants, open, realpath } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Reads an artifact from where its URL says, in chunks. What was opened is closed when the reader stops early.
 * @throws {VesemirError} `ARTIFACT_UNAVAILABLE`
 */
export async function* readArtifact(
  url: string,
  options: { folders: readonly string[]; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const { protocol } = new URL(url)
  try {
    yield* protocol === 'file:' ? readFile(url, options) : download(url, options.signal)
  } catch (error) {
    options.signal.throwIfAborted()
    if (error instanceof VesemirError) throw error
    throw unavailable(url, `cannot be read: ${inWords(error)}`, error)
  }
}

/** Tells an artifact's address without what may be secret in it: query, user name and password. */
export function nameOf(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

function unavailable(url: string, what: string, cause?: unknown): VesemirError {
  return new VesemirError('ARTIFACT_UNAVAILABLE', `${nameOf(url)} ${what}`, { cause, details: { url: nameOf(url) } })
}

async function* readFile(
  url: string,
  { folders, signal }: { folders: readonly string[]; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
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
  yield* file.createReadStream({ signal, autoClose: false, highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>
}

async function isBelowOneOf(folders: readonly string[], path: string): Promise<boolean> {
  for (const folder of folders) {
    const way = relative(await realpath(folder), path)
    if (way !== '..' && !way.startsWith(`..${sep}`)) return true
  }
  return false
}

async function* download(url: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { username, password } = new URL(url)
  if (username || password)
    throw unavailable(url, 'is asked for with a user name or password in it, which is not supported')
  const response = await fetch(url, { signal, headers: { 'accept-encoding': 'identity' } })
  try {
    if (response.status !== 200) throw unavailable(url, `was answered with HTTP status ${response.status}`)
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
