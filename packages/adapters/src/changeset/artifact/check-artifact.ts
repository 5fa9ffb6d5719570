import { VesemirError } from '@vesemir/core'
import { createHash } from 'node:crypto'
import { nameOf } from './read-artifact.ts'

/** Reads all of an artifact for its sum and size. */
export async function measure(artifact: AsyncIterable<Uint8Array>): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of artifact) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { sha256: hash.digest('hex'), bytes }
}

/**
 * Passes an artifact on while computing its sum. The last chunk is held back until the sum is right, so that one that is not
 * what was pinned never arrives whole.
 * @throws {VesemirError} `ARTIFACT_MISMATCH`
 */
export async function* verified(
  artifact: AsyncIterable<Uint8Array>,
  { url, sha256 }: { url: string; sha256: string },
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let held: Uint8Array | undefined
  for await (const chunk of artifact) {
    hash.update(chunk)
    if (held) yield held
    held = chunk
  }
  const seen = hash.digest('hex')
  if (seen !== sha256) throw artifactMismatch(url, sha256, seen)
  if (held) yield held
}

/** Builds the error of an artifact that is another one than expected. */
export function artifactMismatch(url: string, expected: string, seen: string): VesemirError {
  const message = `${nameOf(url)} is not what was expected: its SHA-256 is ${seen}, expected was ${expected}`
  return new VesemirError('ARTIFACT_MISMATCH', message, { details: { url: nameOf(url), expected, seen } })
}
