import { constants, open, realpath } from 'node:fs/promises'
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { VesemirError } from '@vesemir/core'
import { readChunks } from '../read-chunks.ts'
import { causeOf } from './open-url.ts'
import { unavailable } from './unavailable.ts'

/**
 * Reads the file of a `file:` URL below one of these folders, in chunks that are good until the next is asked for.
 * @throws {VesemirError} `ARTIFACT_UNAVAILABLE`
 */
export async function* readLocalFile(
  url: string,
  { folders, signal }: { folders: readonly string[]; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  try {
    const path = await realpath(fileURLToPath(url))
    if (!(await isBelowOneOf(folders, path))) throw notAllowed(url, folders)
    // The path has no links left; should one have come in between, it is not followed. Nor is a pipe waited for.
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    if (!(await file.stat()).isFile()) throw unavailable(url, 'is not a file')
    for await (const chunk of readChunks(file)) {
      signal.throwIfAborted()
      yield chunk
    }
  } catch (error) {
    signal.throwIfAborted()
    throw error instanceof VesemirError ? error : unavailable(url, `cannot be read: ${causeOf(error).message}`, error)
  }
}

async function isBelowOneOf(folders: readonly string[], path: string): Promise<boolean> {
  for (const folder of folders) {
    const way = relative(await realpath(folder), path)
    if (way !== '..' && !way.startsWith(`..${sep}`)) return true
  }
  return false
}

function notAllowed(url: string, folders: readonly string[]): VesemirError {
  const allowed = folders.length > 0 ? folders.join(', ') : 'none is set'
  const what = `is not below one of the folders of the worker's setting changesets.artifact.folders (${allowed})`
  return unavailable(url, what)
}
