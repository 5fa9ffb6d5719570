import { isVesemirError } from '@vesemir/core'
import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { tmpdir } from 'node:os'
import { gzipSync } from 'node:zlib'
import { join } from 'node:path'
import { rootCertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { anArtifactChangeset, aSpec } from '../testing/a-spec.ts'
import { hostileArchive } from '../testing/hostile-archive.ts'
import { makeCertificate } from '@vesemir/testing/make-certificate'
import { startServer } from '@vesemir/testing/start-server'
import { artifacts } from '../testing/an-artifact.ts'

const content = hostileArchive('tar.gz', [{ name: 'version', text: '1.4.2' }])
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

function pin(
  url: string,
  { version = '1.4.2+b1', ...changeset }: Partial<ReturnType<typeof anArtifactChangeset>> & { version?: string } = {},
) {
  const folders = [join(folder, 'artifacts')]
  return artifacts({ folders }).pin(anArtifactChangeset({ ...changeset, url }), aSpec({ version }))
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
      format: 'tar.gz',
      bytes: content.length,
      unpackedBytes: 2048,
      hasSetIdFolders: false,
    })
  })

  test('is found in a folder when the version has a slash', async () => {
    mkdirSync(join(folder, 'artifacts', 'shop-feature'))
    writeFileSync(join(folder, 'artifacts', 'shop-feature', 'x.tar.gz'), content)

    expect(await pin(url(), { version: 'feature/x' })).toMatchObject({
      id: `feature~x-${sha256.slice(0, 8)}`,
      url: `file://${folder}/artifacts/shop-feature/x.tar.gz`,
    })
  })

  test('is no file as it is where its variables are to be written', async () => {
    const change = { unpack: false, environmentFile: 'shop-1.4.2+b1.tar.gz' }

    const error = await failure(pin(url(), change))

    expect(error).toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: expect.stringContaining('has the name of changeset.environmentFile: set changeset.fileName') as string,
    })
    expect(await pin(url(), { ...change, fileName: 'shop.tar.gz' })).toMatchObject({ fileName: 'shop.tar.gz' })
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
    const changeset = anArtifactChangeset({ url: 'file:///etc/passwd' })

    const error = await failure(artifacts().pin(changeset, aSpec()))

    expect(error.message).toContain('changesets.artifact.folders (none is set)')
  })
})

describe('an archive is known by what it holds, and one', () => {
  const inFolder = (name: string) => join(folder, 'artifacts', name)
  const files = ['a', 'b'].map((name) => [name, 'x'.repeat(5000)] as const)
  beforeAll(() => {
    for (const [name, text] of files) writeFileSync(join(folder, name), text)
    const names = files.map(([name]) => name)
    execFileSync('tar', ['-czf', inFolder('gz'), '-C', folder, ...names])
    execFileSync('tar', ['--zstd', '-cf', inFolder('zst'), '-C', folder, ...names])
    execFileSync('zip', ['-q', inFolder('whole.zip'), ...names], { cwd: folder })
    // Written to a pipe, a zip gives its sizes in the form for 4 GiB and more.
    const script = `tar -cf - ${names.join(' ')} | zip -q -fz - - > ${inFolder('big.zip')}`
    execFileSync('sh', ['-c', script], { cwd: folder })
  })

  test.for([
    ['gz', 'tar.gz', 20_480],
    ['zst', 'tar.zst', 20_480],
    ['whole.zip', 'zip', 10_000],
    ['big.zip', 'zip', 20_480],
  ] as const)('of %s is a %s, with the size of its contents', async ([name, format, unpackedBytes]) => {
    expect(await pin(`file://${inFolder(name)}`)).toMatchObject({ format, unpackedBytes })
  })

  test.for(['gz', 'zst', 'whole.zip'])('that is cut off is invalid, before any host hears of it: %s', async (name) => {
    writeFileSync(inFolder('cut'), readFileSync(inFolder(name)).subarray(0, -30))

    const error = await failure(pin(`file://${inFolder('cut')}`))

    expect(error.code).toBe('ARTIFACT_INVALID')
    expect(error.message).toContain('artifacts/cut is truncated or damaged')
  })

  test.for(['', 'x', 'plain text', 'PK but no zip'])('that is none is invalid: %j', async (text) => {
    writeFileSync(inFolder('none'), text)

    expect((await failure(pin(`file://${inFolder('none')}`))).code).toBe('ARTIFACT_INVALID')
  })
})

describe('an artifact that is asked for with a secret', () => {
  const seen: (string | undefined)[] = []
  const listening = async () => {
    const certificate = makeCertificate(folder)
    setDefaultCACertificates([...rootCertificates, certificate.ca])
    const answer: RequestListener = (request, response) => {
      seen.push(`${request.url} ${request.headers.authorization}`)
      if (request.url === '/a/away') response.writeHead(302, { location: '/b/shop' }).end()
      else response.end(content)
    }
    return startServer(createHttpsServer(certificate, answer))
  }
  afterEach(() => {
    seen.length = 0
    setDefaultCACertificates([...rootCertificates])
  })

  test('is read with it, which goes nowhere else', async () => {
    await using server = await listening()
    const url = `https://127.0.0.1:${server.port}`
    const credentials = [{ below: `${url}/a/`, header: 'Authorization', variable: 'TOKEN' }]
    const strategy = artifacts({ credentials }, { env: { TOKEN: 'Bearer s3cret' } })
    const pinAt = (path: string) => {
      return strategy.pin(anArtifactChangeset({ url: `${url}${path}` }), aSpec())
    }

    const release = await pinAt('/a/away')
    await pinAt('/a/../b/shop')

    expect(seen).toEqual(['/a/away Bearer s3cret', '/b/shop undefined', '/b/shop undefined'])
    expect(JSON.stringify(release)).not.toContain('s3cret')
  })

  test.for([
    ['is not set', undefined],
    ['is not a valid header value', 'Bearer\nX: y'],
  ])('makes a worker refuse to start when it %s', ([words, value]) => {
    const credentials = [{ below: 'https://x.example/', header: 'Authorization', variable: 'TOKEN' }]

    const start = () => artifacts({ credentials }, { env: value === undefined ? {} : { TOKEN: value } })

    expect(start).toThrow(words)
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

  test('gets the headers of its changeset, and the server that it redirects to does not', async () => {
    const seen: (string | undefined)[] = []
    await using other = await startHttp((request, response) => {
      seen.push(request.headers['private-token'] as string | undefined)
      response.end(content)
    })
    await using server = await startHttp((request, response) => {
      seen.push(request.headers['private-token'] as string | undefined)
      response.writeHead(302, { location: `${other.url}/real` }).end()
    })
    const changeset = anArtifactChangeset({ url: `${server.url}/latest`, headers: { 'Private-Token': 'hunter2' } })

    await artifacts().pin(changeset, aSpec())

    expect(seen).toEqual(['hunter2', undefined])
  })

  test('is taken as it is sent, whatever the server calls its encoding', async () => {
    await using server = await startHttp((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(content)
    })

    expect(await pin(`${server.url}/shop.tar.gz`)).toMatchObject({ sha256, bytes: content.length })
  })

  test('is unavailable when the server does not have it', async () => {
    await using server = await startHttp((_, response) => response.writeHead(404).end('no'))

    const error = await failure(pin(`${server.url}/shop.tar.gz?ticket=secret`))

    expect(error.code).toBe('ARTIFACT_UNAVAILABLE')
    expect(error.message).toBe(`${server.url}/shop.tar.gz returned HTTP status 404`)
  })

  test('fails by its server when that says nothing', async () => {
    await using server = await startHttp(() => {})

    const error = await failure(pin(`${server.url}/shop.tar.gz?ticket=secret`, { timeout: '100ms' }))

    expect(error.code).toBe('ARTIFACT_SERVER_FAILED')
    expect(error.message).toContain('did not complete the download within 100ms')
    expect(error.message).not.toContain('secret')
  })

  test('fails after the longest time of the settings, however long a request allows', async () => {
    await using server = await startHttp(() => {})
    const url = `${server.url}/shop.tar.gz`
    const changeset = anArtifactChangeset({ url, timeout: '500h' })

    const error = await failure(artifacts({ maxTimeout: '100ms' }).pin(changeset, aSpec()))

    expect(error.code).toBe('ARTIFACT_SERVER_FAILED')
    expect(error.message).toContain('did not complete the download within 100ms')
  })

  test('is unavailable when there is no server', async () => {
    const server = await startHttp(() => {})
    await server[Symbol.asyncDispose]()

    const error = await failure(pin(`${server.url}/shop.tar.gz`))

    expect(error.code).toBe('ARTIFACT_UNAVAILABLE')
    expect(error.message).toContain('ECONNREFUSED')
  })

  test('is unavailable when a redirect leads to an address with a password, which is not repeated', async () => {
    await using server = await startHttp((_, response) => {
      response.writeHead(302, { location: 'http://me:secret@127.0.0.1/shop.tar.gz' }).end()
    })

    const error = await failure(pin(`${server.url}/shop.tar.gz`))

    expect(error.code).toBe('ARTIFACT_UNAVAILABLE')
    expect(error.message).not.toContain('secret')
  })

  test('stops being read when the caller gives up', async () => {
    const controller = new AbortController()
    await using server = await startHttp(() => controller.abort(new Error('cancelled')))
    const changeset = anArtifactChangeset({ url: server.url })

    const pinning = artifacts().pin(changeset, aSpec(), { signal: controller.signal })

    await expect(pinning).rejects.toThrow('cancelled')
  })
})

const startHttp = async (answer: RequestListener) => {
  const server = await startServer(createServer(answer))
  return { ...server, url: `http://127.0.0.1:${server.port}` }
}

describe('an address that the worker may not reach', () => {
  const pinning = (url: string, allow?: string[]) => {
    const changeset = anArtifactChangeset({ url })
    return failure(artifacts({ allow }).pin(changeset, aSpec({ version: '1', changeset })))
  }

  test.each(['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]'])('is not asked: %s', async (host) => {
    const asked: string[] = []
    await using server = await startServer(
      createServer((request, response) => {
        asked.push(request.url!)
        response.end(content)
      }),
    )

    const error = await pinning(`http://${host}:${server.port}/shop.tar.gz`)

    expect(error).toMatchObject({ code: 'ADDRESS_REFUSED' })
    expect(asked).toEqual([])
  })

  test('is not asked after a redirect', async () => {
    await using server = await startServer(
      createServer((_, response) =>
        response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
      ),
    )

    const error = await pinning(`http://127.0.0.1:${server.port}/shop.tar.gz`, ['127.0.0.0/8'])

    expect(error).toMatchObject({
      code: 'ADDRESS_REFUSED',
      message: 'the worker may not connect to 169.254.169.254',
    })
  })
})

describe('an artifact that is too large', () => {
  test('is not downloaded past the limit', async () => {
    await using server = await startServer(
      createServer((_, response) => {
        const send = (error?: Error | null) => error || response.write(Buffer.alloc(64 * 1024), send)
        send()
      }),
    )
    const changeset = anArtifactChangeset({ url: `http://127.0.0.1:${server.port}/shop.tar.gz` })
    const spec = aSpec({ version: '1', changeset })

    const error = await failure(artifacts({ maxBytes: 1_000_000 }).pin(changeset, spec))

    expect(error).toMatchObject({ code: 'ARTIFACT_TOO_LARGE' })
  })

  test('is not unpacked past the limit, however small it comes', async () => {
    const bomb = gzipSync(hostileArchive('tar', [{ name: 'zeros', text: '\0'.repeat(50_000_000) }]))
    await using server = await startServer(createServer((_, response) => response.end(bomb)))
    const changeset = anArtifactChangeset({ url: `http://127.0.0.1:${server.port}/shop.tar.gz` })
    const spec = aSpec({ version: '1', changeset })

    const error = await failure(artifacts({ maxUnpackedBytes: 10_000_000 }).pin(changeset, spec))

    expect(bomb.length).toBeLessThan(100_000)
    expect(error.message).toBe('the archive unpacks to more than 10000000 bytes')
  })
})
