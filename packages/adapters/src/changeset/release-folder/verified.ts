import { VesemirError } from '@vesemir/core'
import { createHash } from 'node:crypto'

/**
 * Passes an archive on while computing its sum. The last chunk is held back until the sum is right, so that one that is not
 * what was pinned never arrives whole.
 * @throws {VesemirError} `ARTIFACT_MISMATCH`
 */
export async function* verified(
  archive: AsyncIterable<Uint8Array>,
  { name, sha256 }: { name: string; sha256: string },
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let held: Uint8Array | undefined
  for await (const chunk of archive) {
    hash.update(chunk)
    if (held) yield held
    held = chunk
  }
  const seen = hash.digest('hex')
  if (seen !== sha256) throw artifactMismatch(name, sha256, seen)
  if (held) yield held
}

/** Builds the error of an archive that is another one than expected. */
export function artifactMismatch(name: string, expected: string, seen: string): VesemirError {
  const message = `${name} is not what was expected: its SHA-256 is ${seen}, expected was ${expected}`
  return new VesemirError('ARTIFACT_MISMATCH', message, { details: { name, expected, seen } })
}
