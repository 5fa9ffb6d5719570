import { VesemirError } from '@vesemir/core'
import { createHash } from 'node:crypto'

/**
 * Passes an archive on while computing its sum. The last chunk is held back until the sum is right, so that one that is not
 * what was pinned never arrives whole. As those that it is given, a chunk is good until the next is asked for.
 * @throws {VesemirError} `ARTIFACT_MISMATCH`
 */
export async function* verified(
  archive: AsyncIterable<Uint8Array>,
  { name, sha256, bytes }: { name: string; sha256: string; bytes: number },
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let seenBytes = 0
  let last: Uint8Array | undefined
  for await (const chunk of archive) {
    hash.update(chunk)
    seenBytes += chunk.length
    if (seenBytes < bytes) yield chunk
    else last ??= Buffer.from(chunk)
  }
  const seen = hash.digest('hex')
  if (seen !== sha256) throw artifactMismatch(name, sha256, seen)
  if (last) yield last
}

/** Builds the error of an archive that is another one than expected. */
export function artifactMismatch(name: string, expected: string, seen: string): VesemirError {
  const message = `the SHA-256 of ${name} is ${seen}, expected ${expected}`
  return new VesemirError('ARTIFACT_MISMATCH', message, { details: { name, expected, seen } })
}
