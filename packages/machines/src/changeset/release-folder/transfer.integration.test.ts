import type { LogLine } from '@vesemir/contract'
import type { RemoteSession } from '@vesemir/core'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { rootCertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { artifacts } from '../testing/an-artifact.ts'
import { hostWith } from '../testing/host-tools.ts'
import { makeCertificate } from '@vesemir/testing/make-certificate'
import { failure, useReleaseBench } from '../testing/release-bench.ts'
import { startServer } from '@vesemir/testing/start-server'

const bench = useReleaseBench()
const { pin, pinned, introduce, currentVersion, releases, traces } = bench
const mebibyte = 1024 * 1024

describe('an upload that broke off', () => {
  test('is gone on with, and only the rest is sent', async () => {
    const release = await pinned('1.0.0', { random: 4 * mebibyte })
    const broken = await failure(introduce(release, {}, { session: brokenOffAfter(mebibyte) }))
    const counted = counting(bench.session)

    const { note } = await introduce(release, {}, { session: counted.session })

    expect(broken.message).toContain('the artifact did not arrive whole: ')
    expect(counted.sentBytes()).toBeLessThanOrEqual(release.bytes - mebibyte)
    expect(note).toMatch(/^sent the last 3\.\d MiB of 4\.0 MiB$/)
    expect(currentVersion()).toBe('1.0.0')
    expect(traces()).toEqual([])
  })

  test('is gone on with after the host went down in the middle of it', async () => {
    const release = await pinned('1.0.0', { random: mebibyte })
    const dead = join(bench.directory, 'releases', '.incoming-999999999-abcdef')
    const part = readFileSync(join(bench.folder, 'shop-1.0.0.tar.gz')).subarray(0, 700_000)
    execFileSync('mkdir', ['-p', dead])
    writeFileSync(join(dead, `.partial-${release.sha256}`), part)

    const { note } = await introduce(release)

    expect(note).toContain('sent the last ')
    expect(traces()).toEqual([])
  })

  test('begins again when what had arrived is not what was sent', async () => {
    const release = await pinned('1.0.0', { random: mebibyte })
    await failure(introduce(release, {}, { session: brokenOffAfter(mebibyte / 2) }))
    const part = join(bench.directory, 'releases', `.partial-${release.sha256}`)
    const size = statSync(part).size
    truncateSync(part, 0)
    truncateSync(part, size)

    const damaged = await failure(introduce(release))
    const { note } = await introduce(release)

    expect(damaged.message).toContain('the artifact was damaged on its way')
    expect(note).toBe('sent 1.0 MiB')
  })

  test('needs no more bytes when all had arrived', async () => {
    const release = await pinned('1.0.0', { random: mebibyte })
    execFileSync('mkdir', ['-p', join(bench.directory, 'releases')])
    const part = join(bench.directory, 'releases', `.partial-${release.sha256}`)
    writeFileSync(part, readFileSync(join(bench.folder, 'shop-1.0.0.tar.gz')))
    const counted = counting(bench.session)

    await introduce(release, {}, { session: counted.session })

    expect(counted.sentBytes()).toBe(0)
    expect(currentVersion()).toBe('1.0.0')
  })
})

describe.for([
  { tool: 'curl', without: ['wget'] },
  { tool: 'wget', without: ['curl'] },
])('a host that fetches with $tool', ({ tool, without }) => {
  const secret = 'Bearer s3cr"et\\n'
  let certificate: ReturnType<typeof makeCertificate>
  let host: RemoteSession
  beforeEach(() => {
    certificate = makeCertificate(bench.folder)
    writeFileSync(join(bench.folder, 'wgetrc'), `ca_certificate = ${certificate.caFile}\n`)
    const env = { CURL_CA_BUNDLE: certificate.caFile, SYSTEM_WGETRC: join(bench.folder, 'wgetrc') }
    host = hostWith(bench.session, { folder: bench.folder, without, env })
    setDefaultCACertificates([...rootCertificates, certificate.ca])
  })
  afterEach(() => setDefaultCACertificates([...rootCertificates]))

  test('gets all, asked for with a secret that nobody sees', async () => {
    await using web = await startArtifactServer(certificate)
    const release = await webPinned(web, { random: mebibyte })
    const lines: LogLine[] = []
    const watch = watchProcesses()
    web.holdUntil = () => watch.saw(tool)

    const { note } = await introduceFrom(web, release, { session: host, onLine: (line) => lines.push(line) })

    const processes = watch.end()
    expect(note).toBe('fetched 1.0 MiB')
    expect(currentVersion()).toBe('1.0.0')
    expect(web.asked.at(-1)).toEqual({ byHost: true, range: undefined, authorization: secret })
    expect(processes).not.toContain('s3cr')
    expect(processes).not.toContain('ticket=')
    expect(lines).toEqual([])
    expect(execFileSync('sh', ['-c', `grep -rl s3cr ${bench.directory} || echo none`]).toString()).toBe('none\n')
  })

  test('goes on where the server broke off', async () => {
    await using web = await startArtifactServer(certificate)
    const release = await webPinned(web, { random: mebibyte })
    web.breakAfterBytes = 300_000

    await introduceFrom(web, release, { session: host })

    const ranges = web.asked.filter(({ byHost }) => byHost).map(({ range }) => range)
    expect(ranges).toEqual([undefined, 'bytes=300000-', 'bytes=600000-', 'bytes=900000-'])
    expect(currentVersion()).toBe('1.0.0')
  })

  test('tries again when the server is overloaded for a moment', async () => {
    await using web = await startArtifactServer(certificate)
    const release = await webPinned(web, { random: mebibyte })
    web.busyTimes = 1

    await introduceFrom(web, release, { session: host })

    expect(web.asked.filter(({ byHost }) => byHost)).toHaveLength(2)
    expect(currentVersion()).toBe('1.0.0')
  })

  test('names the server that fails again and again', async () => {
    await using web = await startArtifactServer(certificate)
    const release = await webPinned(web, {})
    web.busyTimes = Infinity

    const error = await failure(introduceFrom(web, release, { session: host }))

    expect(error.code).toBe('ARTIFACT_SERVER_FAILED')
    expect(web.asked.filter(({ byHost }) => byHost)).toHaveLength(5)
  })

  test('begins again where the server cannot go on', async () => {
    await using web = await startArtifactServer(certificate)
    const release = await webPinned(web, { random: mebibyte })
    await failure(introduce(release, {}, { session: brokenOffAfter(mebibyte / 2) }))
    web.knowsRanges = false

    await introduceFrom(web, release, { session: host })

    expect(currentVersion()).toBe('1.0.0')
  })

  test('waits for as long as an overloaded server asks it to', async () => {
    await using web = await startArtifactServer(certificate)
    const release = await webPinned(web, {})
    web.busyTimes = 1
    web.retryAfterSeconds = 3
    const startedMs = performance.now()

    await introduceFrom(web, release, { session: host })

    expect(performance.now() - startedMs).toBeGreaterThan(3000)
    expect(currentVersion()).toBe('1.0.0')
  })

  test('says what the server answered, without what may be secret in the address', async () => {
    await using web = await startArtifactServer(certificate)
    const release = await webPinned(web, {})
    web.refusesHosts = true

    const error = await failure(introduceFrom(web, release, { session: host }))

    expect(error.code).toBe('ARTIFACT_UNAVAILABLE')
    expect(error.message).toMatch(/did not arrive whole: 0 of \d+ bytes, and then (?:curl: \(22\)|wget: \(8\)).* 403/)
    expect(JSON.stringify([error.message, error.details])).not.toContain('ticket=')
    expect(existsSync(join(bench.directory, 'current'))).toBe(false)
  })

  test('takes no more than it was promised from an endless server', async () => {
    await using web = await startArtifactServer(certificate)
    const release = await webPinned(web, {})
    web.isEndless = true

    const error = await failure(introduceFrom(web, release, { session: host }))

    expect(error.message).toContain(`${release.bytes + 1} of ${release.bytes} bytes`)
    expect(traces()).toEqual([])
  })

  const below = (web: { url: string }): Parameters<typeof artifacts> => [
    { credentials: [{ below: `${web.url}/`, header: 'Authorization', variable: 'TOKEN' }] },
    { env: { TOKEN: secret } },
  ]
  const webPinned = async (web: { url: string }, made: { random?: number }) => {
    bench.writeArtifact('1.0.0', made)
    return pin('1.0.0', { url: `${web.url}/shop?ticket=1` }, below(web))
  }
  const introduceFrom = (
    web: { url: string },
    release: Awaited<ReturnType<typeof pin>>,
    context: Parameters<typeof introduce>[2],
  ) => introduce(release, { url: `${web.url}/shop?ticket=1`, transfer: 'pull' }, { ...context, worker: below(web) })
})

test('a host without a tool to fetch with says so', async () => {
  await using server = await startServer(
    createHttpServer((_, response) => response.end(readFileSync(join(bench.folder, 'shop-1.0.0.tar.gz')))),
  )
  bench.writeArtifact('1.0.0', {})
  const url = `http://127.0.0.1:${server.port}/shop`
  const release = await pin('1.0.0', { url })
  const session = hostWith(bench.session, { folder: bench.folder, without: ['curl', 'wget'] })

  const error = await failure(introduce(release, { url, transfer: 'pull' }, { session }))

  expect(error.code).toBe('HOST_TOOL_MISSING')
  expect(error.message).toContain('web-1 cannot take the release: there is neither curl nor GNU wget')
  expect(releases()).toEqual([])
})

/** A session whose connection to the worker breaks in the middle of an upload. */
function brokenOffAfter(bytes: number): RemoteSession {
  async function* cut(input: AsyncIterable<Uint8Array>) {
    let left = bytes
    for await (const chunk of input) {
      yield chunk
      left -= chunk.length
      if (left <= 0) return
    }
  }
  const { session } = bench
  return { ...session, run: (script, { input, ...options }) => session.run(script, { ...options, input: cut(input!) }) }
}

function counting(session: RemoteSession) {
  let bytes = 0
  async function* counted(input: AsyncIterable<Uint8Array>) {
    for await (const chunk of input) {
      bytes += chunk.length
      yield chunk
    }
  }
  const run: RemoteSession['run'] = (script, { input, ...options }) =>
    session.run(script, { ...options, input: counted(input!) })
  return { session: { ...session, run }, sentBytes: () => bytes }
}

/** Collects the arguments and environments of all processes, again and again, until it is ended. */
function watchProcesses() {
  const known = new Set<string>()
  const look = () => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        known.add(readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' '))
        known.add(readFileSync(`/proc/${pid}/environ`, 'latin1'))
      } catch {
        // It has ended.
      }
    }
  }
  const timer = setInterval(look, 5)
  return {
    saw: (program: string) =>
      vi.waitFor(() => expect([...known].some((line) => line.startsWith(`${program} `))).toBe(true), {
        timeout: 10_000,
      }),
    end() {
      clearInterval(timer)
      return [...known].join('\n')
    },
  }
}

/** Serves the artifact by HTTPS, in the ways that real servers have; the worker gets it as it is. */
async function startArtifactServer(certificate: { key: string; cert: string }) {
  const state = {
    url: '',
    asked: [] as { byHost: boolean; range: string | undefined; authorization: string | undefined }[],
    breakAfterBytes: Infinity,
    knowsRanges: true,
    refusesHosts: false,
    busyTimes: 0,
    retryAfterSeconds: 0,
    isEndless: false,
    holdUntil: async () => {},
  }
  async function answer(request: IncomingMessage, response: ServerResponse) {
    const { range, authorization, 'user-agent': agent = '' } = request.headers
    const byHost = /^(?:curl|Wget)/.test(agent)
    state.asked.push({ byHost, range, authorization })
    const content = readFileSync(join(bench.folder, 'shop-1.0.0.tar.gz'))
    if (!byHost) return response.end(content)
    await state.holdUntil()
    if ((state.busyTimes -= 1) >= 0)
      return response.writeHead(503, { 'retry-after': `${state.retryAfterSeconds}` }).end()
    if (state.refusesHosts) return response.writeHead(403).end()
    if (state.isEndless) {
      response.on('drain', () => response.write(content))
      return response.write(Buffer.alloc(mebibyte))
    }
    const start = state.knowsRanges && range ? Number(/\d+/.exec(range)) : 0
    const rest = content.subarray(start)
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': rest.length,
      ...(start > 0 && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
    })
    if (rest.length <= state.breakAfterBytes) return response.end(rest)
    return response.write(rest.subarray(0, state.breakAfterBytes), () => response.destroy())
  }
  const server = await startServer(createServer(certificate, (request, response) => void answer(request, response)))
  return Object.assign(state, { url: `https://127.0.0.1:${server.port}` }, server)
}
