import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { z } from 'zod'
import { ArtifactOptions } from '../artifact/artifact-options.ts'
import { createArtifact, type ArtifactDeps } from '../artifact/create-artifact.ts'
import { createUploads } from '../uploads.ts'

const caches = mkdtempSync(join(tmpdir(), 'vesemir-caches-'))
afterAll(() => rmSync(caches, { recursive: true }))

/** The strategy of artifacts on a worker; what a test is about is given. */
export function artifacts(
  options: z.input<typeof ArtifactOptions> = {},
  { bytesPerSecond, ...deps }: Partial<ArtifactDeps> & { bytesPerSecond?: number } = {},
): ReturnType<typeof createArtifact> {
  const uploads = createUploads(bytesPerSecond === undefined ? {} : { bytesPerSecond })
  const cache = { folder: mkdtempSync(join(caches, 'worker-')), ...options.cache }
  const allow = ['127.0.0.0/8', '::1', 'localhost']
  return createArtifact(ArtifactOptions.parse({ allow, ...options, cache }), { env: {}, uploads, ...deps })
}
