import { startServer } from '@vesemir/testing/start-server'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createFetch } from '../../http/create-fetch.ts'
import { createArtifactCache } from './artifact-cache.ts'
import { createArtifactSource } from './artifact-source.ts'

test('an artifact that others remove from the cache each time is downloaded three times, and no more', async () => {
  let downloads = 0
  await using server = await startServer(
    createServer((_, response) => {
      downloads += 1
      response.end('x')
    }),
  )
  const folder = mkdtempSync(join(tmpdir(), 'vesemir-source-'))
  const source = createArtifactSource({
    folders: [],
    headersFor: () => ({}),
    fetch: createFetch({ env: {} }),
    stallTimeoutMs: 5000,
    maxBytes: 1000,
    maxUnpackedBytes: 1000,
    cache: {
      ...createArtifactCache({ folder, maxBytes: 1000 }),
      open: async () => undefined,
      add: (fill) => fill(join(folder, 'made')),
    },
  })
  const sha256 = createHash('sha256').update('x').digest('hex')

  const reading = source.read(`http://127.0.0.1:${server.port}/x`, {
    sha256,
    headers: undefined,
    signal: new AbortController().signal,
  })

  await expect(reading.next()).rejects.toMatchObject({
    code: 'ARTIFACT_UNAVAILABLE',
    message: expect.stringContaining('changesets.artifact.cache.maxBytes is too low') as unknown,
  })
  expect(downloads).toBe(3)
  rmSync(folder, { recursive: true })
})
