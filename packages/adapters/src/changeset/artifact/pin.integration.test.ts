import { isVesemirError } from '@vesemir/core'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anArtifactChangeset, aSpec } from '../testing/a-spec.ts'
import { createArtifact } from './create-artifact.ts'

const content = Buffer.from('not a tar, which nobody looks at here')
const sha256 = createHash('sha256').update(content).digest('hex')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vesemir-pin-'))
  mkdirSync(join(folder, 'artifacts'))
  writeFileSync(join(folder, 'artifacts', 'shop-1.4.2+b1.tar.gz'), content)
  writeFileSync(join(folder, 'secret'), 'x')
  symlinkSync(join(folder, 'secret'), join(folder, 'artifacts', 'link'))
  execFileSync('mkfifo', [join(folder, 'artifacts', 'pipe')])
})
afterAll(() => rmSync(folder, { recursive: true }))

function pin(url: string, changeset: Partial<ReturnType<typeof anArtifactChangeset>> = {}) {
  const spec = aSpec({ version: '1.4.2+b1', changeset: anArtifactChangeset({ ...changeset, url }) })
  return createArtifact({ folders: [join(folder, 'artifacts')] }).pin(spec.changeset, spec)
}

async function failure(pinning: Promise<unknown>) {
  const outcome = await pinning.catch((error: unknown) => error)
  if (!isVesemirError(outcome)) throw outcome
  return outcome
}

describe('an artifact in a file', () => {
  const url = () => `file://${folder}/artifacts/shop-{version}.tar.gz`

  test('is pinned with its sum and size', async () => {
    expect(await pin(url())).toEqual({
      strategy: 'artifact',
      id: `1.4.2+b1-${sha256.slice(0, 8)}`,
      url: `file://${folder}/artifacts/shop-1.4.2%2Bb1.tar.gz`,
      sha256,
      bytes: content.length,
    })
  })

  test('must have the sum that was asked for', async () => {
    const expected = '0'.repeat(64)

    const error = await failure(pin(url(), { sha256: expected }))

    expect(error.code).toBe('ARTIFACT_MISMATCH')
    expect(error.message).toContain(expected)
    expect(error.message).toContain(sha256)
    expect((await pin(url(), { sha256 })).id).toContain(sha256.slice(0, 8))
  })

  test.for([
    ['is not there', 'artifacts/none', 'ENOENT'],
    ['lies outside of the folders that are set', 'secret', 'changesets.artifact.folders'],
    ['lies outside by way of ..', 'artifacts/../secret', 'changesets.artifact.folders'],
    ['lies outside by way of an encoded ..', 'artifacts/%2e%2e/secret', 'changesets.artifact.folders'],
    ['lies outside by way of a link', 'artifacts/link', 'changesets.artifact.folders'],
    ['is a folder', 'artifacts', 'is not a file'],
    ['is a pipe', 'artifacts/pipe', 'is not a file'],
  ])('is unavailable when it %s', async ([, path, words]) => {
    const error = await failure(pin(`file://${folder}/${path}`))

    expect(error.code).toBe('ARTIFACT_UNAVAILABLE')
    expect(error.message).toContain(words)
  })

  test('is unavailable on a worker without folders', async () => {
    const spec = aSpec({ changeset: anArtifactChangeset({ url: 'file:///etc/passwd' }) })

    const error = await failure(createArtifact({ folders: [] }).pin(spec.changeset, spec))

    expect(error.message).toContain('changesets.artifact.folders (none is set)')
  })
})

describe('an artifact on a web server', () => {
  test('is pinned, redirected or not', async () => {
    await using server = await startHttp((request, response) => {
      if (request.url === '/latest') response.writeHead(302, { location: '/real' }).end()
      else response.end(content)
    })

    expect(await pin(`${server.url}/latest`)).toMatchObject({ sha256, bytes: content.length })
  })

  test.for<[string, RequestListener, string]>([
    ['the server does not have it', (_, response) => response.writeHead(404).end('no'), 'HTTP status 404'],
    [
      'the answer is cut off',
      (_, response) => {
        response.writeHead(200, { 'content-length': 1000 })
        response.write('half', () => response.destroy())
      },
      'cannot be read',
    ],
    [
      'the server packs it once more',
      (_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(content)
      },
      'Content-Encoding: gzip',
    ],
    ['the server says nothing', () => {}, 'could not be read within 100ms'],
  ])('is unavailable when %s', async ([, answer, words]) => {
    await using server = await startHttp(answer)

    const error = await failure(pin(`${server.url}/shop.tar.gz?token=secret`, { timeout: '100ms' }))

    expect(error.code).toBe('ARTIFACT_UNAVAILABLE')
    expect(error.message).toContain(words)
    expect(error.message).toContain(`${server.url}/shop.tar.gz`)
    expect(error.message).not.toContain('secret')
  })

  test('is unavailable when there is no server', async () => {
    const server = await startHttp(() => {})
    await server[Symbol.asyncDispose]()

    const error = await failure(pin(`${server.url}/shop.tar.gz`))

    expect(error.code).toBe('ARTIFACT_UNAVAILABLE')
    expect(error.message).toContain('ECONNREFUSED')
  })

  test('is unavailable when its address holds a password, which is not told on', async () => {
    const error = await failure(pin('http://me:secret@127.0.0.1/shop.tar.gz'))

    expect(error.code).toBe('ARTIFACT_UNAVAILABLE')
    expect(error.message).not.toContain('secret')
  })

  test('stops being read when the caller gives up', async () => {
    const controller = new AbortController()
    await using server = await startHttp(() => controller.abort(new Error('cancelled')))
    const spec = aSpec({ changeset: anArtifactChangeset({ url: server.url }) })

    const pinning = createArtifact({ folders: [] }).pin(spec.changeset, spec, controller.signal)

    await expect(pinning).rejects.toThrow('cancelled')
  })
})

async function startHttp(answer: RequestListener) {
  const server = createServer(answer)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
