import { startServer } from '@vesemir/testing/start-server'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { anArtifactChangeset, aSpec } from '../testing/a-spec.ts'
import { artifacts } from '../testing/an-artifact.ts'
import { hostileArchive } from '../testing/hostile-archive.ts'
import { failure, useReleaseBench, type ArtifactRelease } from '../testing/release-bench.ts'

const bench = useReleaseBench()
// What gzip cannot make smaller, so that it comes in more than one piece.
const noise = Array.from({ length: 4000 }, (_, index) => createHash('sha256').update(`${index}`).digest('hex')).join('')
const content = hostileArchive('tar.gz', [
  { name: 'version', text: '1.0.0' },
  { name: 'noise', text: noise },
])
const sha256 = createHash('sha256').update(content).digest('hex')

/** Breaks off when the worker has had the time to take what was sent: what comes at once with the end is lost on it. */
function cutBy(headers: Record<string, string | number>): Turn {
  return (_, response) => {
    response.writeHead(200, headers).write(content.subarray(0, 1000))
    setTimeout(() => response.destroy(), 100)
  }
}

/** What the server does with each request in turn; from the last on it serves the file. */
type Turn = (request: IncomingMessage, response: ServerResponse) => void

const ok = { etag: '"1"', 'content-length': content.length }
const busy: Turn = (_, response) => void response.writeHead(503).end()
const cut = cutBy(ok)
const stall: Turn = (_, response) => void response.writeHead(200, ok).write(content.subarray(0, 1000))
const serve: Turn = ({ headers: { range } }, response) => {
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
  const rest = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }
  response.writeHead(start > 0 ? 206 : 200, { ...ok, 'content-length': content.length - start, ...(start > 0 && rest) })
  response.end(content.subarray(start))
}

async function startArtifactServer(...turns: Turn[]) {
  const asked: (string | undefined)[] = []
  const server = await startServer(
    createServer((request, response) => {
      asked.push(request.headers.range)
      const turn = turns.shift() ?? serve
      turn(request, response)
    }),
  )
  return { ...server, asked, url: `http://127.0.0.1:${server.port}/shop.tar.gz` }
}

/** One worker, for which a server stalls after 500 ms. */
function aWorker(options: Parameters<typeof artifacts>[0] = {}) {
  return artifacts(options, { stallTimeoutMs: 500 })
}

const pin = (worker: ReturnType<typeof artifacts>, url: string, given: { sha256?: string; timeout?: string } = {}) =>
  worker.pin(anArtifactChangeset({ url, ...given }), aSpec())

const introduce = (
  worker: ReturnType<typeof artifacts>,
  release: ArtifactRelease,
  { url, directory, timeout = '20s' }: { url: string; directory: string; timeout?: string },
) =>
  worker.introduce(release, {
    changeset: anArtifactChangeset({ url, directory, timeout }),
    variables: {},
    secretNames: [],
    session: bench.session,
    env: {},
    onLine: () => {},
    signal: undefined,
  })

describe('an artifact server that', () => {
  test('answers 503 once does not stop a rollout', async () => {
    await using server = await startArtifactServer(busy)

    expect(await pin(aWorker(), server.url)).toMatchObject({ sha256, bytes: content.length })
    expect(server.asked).toEqual([undefined, undefined])
  })

  test('asks for a pause gets it', async () => {
    await using server = await startArtifactServer((_, response) => {
      response.writeHead(429, { 'retry-after': '2' }).end()
    })
    const begunMs = performance.now()

    await pin(aWorker(), server.url)

    expect(performance.now() - begunMs).toBeGreaterThan(1990)
  })

  test.for([
    ['breaks off in the middle', cut],
    ['stalls in the middle', stall],
  ] as const)('%s is asked for the rest', async ([, turn]) => {
    await using server = await startArtifactServer(turn)

    expect(await pin(aWorker(), server.url)).toMatchObject({ sha256 })
    expect(server.asked).toEqual([undefined, 'bytes=1000-'])
  })

  test('has another file meanwhile is asked for all of that', async () => {
    const before = cutBy({ etag: '"0"', 'content-length': 5000 })
    const whole: Turn = (_, response) => void response.writeHead(200, ok).end(content)
    await using server = await startArtifactServer(before, whole)

    expect(await pin(aWorker(), server.url)).toMatchObject({ sha256 })
    expect(server.asked).toEqual([undefined, 'bytes=1000-'])
  })

  test('cannot vouch for its file is asked for all of it again', async () => {
    await using server = await startArtifactServer(cutBy({ ...ok, etag: 'W/"1"' }))

    expect(await pin(aWorker(), server.url)).toMatchObject({ sha256 })
    expect(server.asked).toEqual([undefined, undefined])
  })

  test.for([
    ['fails again and again', busy, 'kept returning HTTP status 503'],
    ['always breaks off', cut, `broke off after 1000 of ${content.length} bytes`],
    ['always stalls', stall, `sent no data for 0.5 s after 1000 of ${content.length} bytes`],
    ['never answers', () => {}, 'did not answer within 0.5 s'],
  ] as const)('%s is named as what failed', async ([, turn, words]) => {
    await using server = await startArtifactServer(...Array.from({ length: 20 }, () => turn))

    const error = await failure(pin(aWorker(), `${server.url}?ticket=secret`))

    expect(error.code).toBe('ARTIFACT_SERVER_FAILED')
    expect(error.message).toContain(`the artifact server 127.0.0.1:${server.port} ${words}`)
    expect(error.message).not.toContain('secret')
    expect(server.asked).toHaveLength(5)
  })

  test('does not have the file is not asked again', async () => {
    await using server = await startArtifactServer((_, response) => void response.writeHead(404).end())

    expect(await failure(pin(aWorker(), server.url))).toMatchObject({ code: 'ARTIFACT_UNAVAILABLE' })
    expect(server.asked).toHaveLength(1)
  })

  test('stalls while a host waits for the file is named, and not the host', async () => {
    await using server = await startArtifactServer()
    const release = await pin(aWorker(), server.url)
    await using stalling = await startArtifactServer(...Array.from({ length: 20 }, () => stall))
    const moved = { ...release, url: stalling.url } as ArtifactRelease
    const place = { url: stalling.url, directory: bench.directory }

    const gaveUp = await failure(introduce(aWorker(), moved, place))
    const ranOut = await failure(introduce(aWorker(), moved, { ...place, timeout: '1s' }))

    expect([gaveUp.code, ranOut.code]).toEqual(['ARTIFACT_SERVER_FAILED', 'ARTIFACT_SERVER_FAILED'])
    expect(ranOut.message).toContain('did not complete the download within 1s')
    expect(existsSync(join(bench.directory, 'current'))).toBe(false)
  })
})

describe('an artifact that was downloaded', () => {
  test('is sent to all hosts, and the server is asked for it once', async () => {
    await using server = await startArtifactServer()
    const worker = aWorker()

    const release = await pin(worker, server.url)
    const directories = ['web-1', 'web-2', 'web-3'].map((name) => join(bench.folder, name))
    await Promise.all(directories.map((directory) => introduce(worker, release, { url: server.url, directory })))

    expect(directories.map((directory) => existsSync(join(directory, 'current/version')))).toEqual([true, true, true])
    expect(server.asked).toHaveLength(1)
  })

  test('by another worker than the one that planned is downloaded once by it too', async () => {
    await using server = await startArtifactServer()
    const release = await pin(aWorker(), server.url)
    const worker = aWorker()

    const directories = ['web-1', 'web-2', 'web-3'].map((name) => join(bench.folder, name))
    await Promise.all(directories.map((directory) => introduce(worker, release, { url: server.url, directory })))

    expect(server.asked).toHaveLength(2)
  })

  test('is not downloaded again where its sum is known', async () => {
    await using server = await startArtifactServer()
    const worker = aWorker()

    await pin(worker, server.url, { sha256 })
    await pin(worker, server.url, { sha256 })

    expect(server.asked).toHaveLength(1)
  })

  test('is another one than was planned: it is refused, and not kept', async () => {
    await using server = await startArtifactServer()
    const release = { ...(await pin(aWorker(), server.url)), sha256: '0'.repeat(64) } as ArtifactRelease
    const worker = aWorker()

    const error = await failure(introduce(worker, release, { url: server.url, directory: bench.directory }))

    expect(error.code).toBe('ARTIFACT_MISMATCH')
  })
})

describe('the folder of downloads', () => {
  let folder: string
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'vesemir-cache-')), 'artifacts')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const kept = () => readdirSync(folder).toSorted()

  test('is for the worker alone', async () => {
    await using server = await startArtifactServer()

    await pin(aWorker({ cache: { folder } }), server.url)

    expect(kept()).toEqual([sha256])
    expect([statSync(folder).mode & 0o777, statSync(join(folder, sha256)).mode & 0o777]).toEqual([0o700, 0o600])
  })

  test('stays below its limit, without what was used longest ago', async () => {
    await using server = await startArtifactServer()
    const worker = aWorker({ cache: { folder, maxBytes: content.length + 100 } })
    await pin(worker, server.url)
    const [old, used] = ['a'.repeat(64), 'b'.repeat(64)]
    for (const name of [old, used]) writeFileSync(join(folder, name), Buffer.alloc(60))
    utimesSync(join(folder, old), 0, 0)

    await pin(worker, server.url)

    expect(kept()).toEqual([sha256, used].toSorted())
  })

  test('holds nothing of what did not come to its end, nor of what a worker left that died', async () => {
    await using server = await startArtifactServer()
    const worker = aWorker({ cache: { folder, maxBytes: 1 } })
    await pin(worker, server.url)
    writeFileSync(join(folder, '.left'), 'x')
    utimesSync(join(folder, '.left'), 0, 0)
    await using failing = await startArtifactServer(...Array.from({ length: 20 }, () => cut))

    await failure(pin(worker, failing.url))
    await pin(worker, server.url)

    expect(kept()).toEqual([sha256])
  })

  test('is named when it cannot be written', async () => {
    await using server = await startArtifactServer()
    writeFileSync(folder, 'a file')

    const error = await failure(pin(aWorker({ cache: { folder } }), server.url))

    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain(`changesets.artifact.cache.folder: ${folder} on the worker cannot be written`)
  })
})
