import type { ChangesetStrategy } from '@vesemir/core'
import type { z } from 'zod'
import { ArtifactOptions } from '../artifact/artifact-options.ts'
import { createArtifact } from '../artifact/create-artifact.ts'
import { createUploads } from '../uploads.ts'

/** The strategy of artifacts on a worker; what a test is about is given. */
export function artifacts(
  options: z.input<typeof ArtifactOptions> = {},
  { env = {}, bytesPerSecond }: { env?: Record<string, string>; bytesPerSecond?: number } = {},
): ChangesetStrategy {
  const uploads = createUploads(bytesPerSecond === undefined ? {} : { bytesPerSecond })
  return createArtifact(ArtifactOptions.parse(options), { env, uploads })
}
