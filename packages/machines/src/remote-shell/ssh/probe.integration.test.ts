import { isVesemirError, type HttpRequest } from '@vesemir/core'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeCertificate } from '@vesemir/testing/make-certificate'
import { startServer } from '@vesemir/testing/start-server'
import { createSsh } from './create-ssh.ts'
import type { SshSession } from './ssh-session.ts'
import { failOnLeaks } from '@vesemir/testing/fail-on-leaks'
import { startSshd, type Sshd } from './testing/start-sshd.ts'
import { freePort } from '@vesemir/process/free-port'

let sshd: Sshd
let strict: Sshd
let session: SshSession
beforeAll(async () => {
  sshd = await startSshd()
  strict = await startSshd({ settings: ['AllowTcpForwarding no'] })
})
afterAll(async () => {
  await sshd[Symbol.asyncDispose]()
  await strict[Symbol.asyncDispose]()
})
failOnLeaks()
const useSession = (on: () => Sshd) => {
  beforeEach(async () => {
    session = await createSsh(on().options, { env: {} }).connect(on().target)
  })
  afterEach(async () => {
    await session[Symbol.asyncDispose]()
  })
}

/** How a machine asks itself: where its sshd forbids the first, by the second. */
const ways: [string, () => Sshd][] = [
  ['forwarding', () => sshd],
  ['a shell', () => strict],
]

const address = '127.0.0.1'
const timeoutMs = 5000

describe.for(ways)('an HTTP request from the machine, by %s,', ([, on]) => {
  useSession(on)

  test('gives status and body', async () => {
    await using server = await startHttp((request, response) => {
      response.writeHead(503)
      response.end(`${request.method} ${request.url} ${request.headers.connection} ${request.headers.host}`)
    })

    const answer = await session.httpGet({ address, port: server.port, path: '/a b?c=é%20' }, { timeoutMs })

    expect(answer).toMatchObject({ status: 503, body: `GET /a%20b?c=%C3%A9%20 close ${address}:${server.port}` })
  })

  test('goes to an IPv6 address too', async ({ skip }) => {
    const server = createHttpServer((request, response) => response.end(request.headers.host)).listen(0, '::1')
    await once(server, 'listening').catch(() => skip('this machine has no IPv6'))
    const { port } = server.address() as AddressInfo

    const { body } = await session.httpGet({ address: '::1', port, path: '/' }, { timeoutMs })

    expect(body).toBe(`[::1]:${port}`)
    server.close()
    await once(server, 'close')
  })

  test('reads no more than 64 KiB of an endless body', async () => {
    await using server = await startHttp((_request, response) => {
      const more = () => {
        while (response.write('x'.repeat(10_000)));
      }
      response.on('drain', more)
      more()
    })

    const { body } = await session.httpGet({ address, port: server.port, path: '/' }, { timeoutMs })

    expect(body).toBe('x'.repeat(64 * 1024))
  })

  test('says that the port is closed', async () => {
    const port = await freePort()

    const error = await ordinaryError(session.httpGet({ address, port, path: '/' }, { timeoutMs }))

    expect(error.message).toBe(`127.0.0.1:${port}, asked from web-1, gave no answer: Connection refused`)
  })

  test.for([
    ['sends no answer', () => {}],
    ['sends the beginning of an answer', (_: unknown, response: { write(text: string): void }) => response.write('x')],
  ] as const)('ends in time when the application %s', async ([, answer]) => {
    await using server = await startHttp(answer)

    const error = await ordinaryError(session.httpGet({ address, port: server.port, path: '/' }, { timeoutMs: 100 }))

    expect(error.message).toContain('gave no answer within 100 ms')
  })

  test('says that the application broke off', async () => {
    await using server = await startHttp((request) => request.socket.destroy())

    const error = await ordinaryError(session.httpGet({ address, port: server.port, path: '/' }, { timeoutMs }))

    expect(error.message).toContain('gave no answer: ')
  })

  test('stops when its caller gives up', async () => {
    await using server = await startHttp(() => controller.abort(new Error('cancelled')))
    const controller = new AbortController()
    const { signal } = controller

    const asking = session.httpGet({ address, port: server.port, path: '/' }, { timeoutMs, signal })

    await expect(asking).rejects.toThrow('cancelled')
  })

  test('takes a whole answer', async () => {
    const body = 'é'.repeat(20_000)
    await using server = await startHttp((_request, response) => response.end(body))

    const answer = await session.httpGet({ address, port: server.port, path: '/' }, { timeoutMs })

    expect(answer.body).toBe(body)
  })
})

describe('headers', () => {
  useSession(() => sshd)

  test('are sent as asked for, and come back in lower case', async () => {
    await using server = await startHttp((request, response) => {
      response.setHeader('X-Seen', [request.headers.host, request.headers['x-a'], request.headers.accept].join(' '))
      response.setHeader('Set-Cookie', ['a=1', 'b=2'])
      response.end()
    })
    const headers = { Host: 'shop.example', 'X-A': 'b', ACCEPT: 'text/plain' }

    const answer = await session.httpGet({ address, port: server.port, path: '/', headers }, { timeoutMs })

    expect(answer.headers).toMatchObject({ 'x-seen': 'shop.example b text/plain', 'set-cookie': 'a=1, b=2' })
  })
})

describe.for([
  ['host', 'forwarding', () => sshd],
  ['host', 'a shell', () => strict],
  ['worker', 'itself', () => sshd],
] as const)('HTTPS, asked from the %s by %s,', ([from, , on]) => {
  useSession(on)

  const secured = async (names: string[] = []) => {
    const certificate = makeCertificate(sshd.folder, names)
    const answer: RequestListener = (request, response) => {
      const { servername } = request.socket as TLSSocket
      response.end(`${String(servername)} ${request.headers.host}`)
    }
    const server = await startServer(createHttpsServer(certificate, answer))
    const ask = (tls: HttpRequest['tls']) =>
      session.httpGet({ address, port: server.port, path: '/', from, tls }, { timeoutMs })
    return { ...server, ca: certificate.ca, ask }
  }

  test('takes a certificate that a known authority has signed, for the address', async () => {
    await using server = await secured()

    const { body } = await server.ask({ ca: server.ca })

    expect(body).toBe(`false ${address}:${server.port}`)
  })

  test('asks for a name, and looks for it in the certificate', async () => {
    await using server = await secured(['shop.example'])

    const { body } = await server.ask({ ca: server.ca, serverName: 'shop.example' })
    const other = await ordinaryError(server.ask({ ca: server.ca, serverName: 'other.example' }))

    expect(body).toBe('shop.example shop.example')
    expect(other.message).toContain("Hostname/IP does not match certificate's altnames")
  })

  test('refuses a certificate that nobody known has signed, unless told that any will do', async () => {
    await using server = await secured()

    const refused = await ordinaryError(server.ask({}))
    const { status } = await server.ask({ insecure: true })

    expect(refused.message).toContain('gave no answer: self-signed certificate')
    expect(status).toBe(200)
  })

  test('ends in time when the server does not shake hands', async () => {
    const silent = createServer((socket) => void socket.resume()).listen(0, address)
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo

    const error = await ordinaryError(
      session.httpGet({ address, port, path: '/', from, tls: { insecure: true } }, { timeoutMs: 100 }),
    )

    expect(error.message).toContain('gave no answer within 100 ms')
    silent.close()
    await once(silent, 'close')
  })

  test('says what a server without it answers', async () => {
    await using server = await startHttp((_, response) => response.end())

    const error = await ordinaryError(
      session.httpGet({ address, port: server.port, path: '/', from, tls: {} }, { timeoutMs }),
    )

    expect(error.message).toMatch(/gave no answer: .*(wrong version number|packet length too long)/)
  })
})

describe('the worker itself', () => {
  useSession(() => strict)

  const place = { address, from: 'worker' } as const

  test('asks without the machine', async () => {
    await using server = await startHttp((_, response) => response.end('direct'))

    const { body } = await session.httpGet({ ...place, port: server.port, path: '/' }, { timeoutMs })
    await session.tcpProbe({ ...place, port: server.port }, { timeoutMs })

    expect(body).toBe('direct')
  })

  test('says that nothing listens, or that no answer came', async () => {
    await using silent = await startHttp(() => {})
    const port = await freePort()

    const refused = await ordinaryError(session.tcpProbe({ ...place, port }, { timeoutMs }))
    const quiet = await ordinaryError(session.httpGet({ ...place, port: silent.port, path: '/' }, { timeoutMs: 100 }))

    expect(refused.message).toContain(`${address}:${port}, asked from the worker, gave no answer: connect ECONNREFUSED`)
    expect(quiet.message).toContain('asked from the worker, gave no answer within 100 ms')
  })

  test('stops when its caller gives up', async () => {
    const controller = new AbortController()
    await using server = await startHttp(() => controller.abort(new Error('cancelled')))
    const { signal } = controller

    const asking = session.httpGet({ ...place, port: server.port, path: '/' }, { timeoutMs, signal })

    await expect(asking).rejects.toThrow('cancelled')
  })
})

describe.for(ways)('a TCP connection from the machine, by %s,', ([, on]) => {
  useSession(on)

  test('proves that something listens', async () => {
    await using server = await startHttp(() => {})

    const probing = session.tcpProbe({ address, port: server.port }, { timeoutMs })

    await expect(probing).resolves.toBeUndefined()
  })

  test('is closed again', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<string>()
    const listening = createServer((socket) => socket.resume().once('close', () => resolve('closed')))
    listening.listen(0, address)
    await once(listening, 'listening')

    await session.tcpProbe({ address, port: (listening.address() as AddressInfo).port }, { timeoutMs })

    expect(await closed).toBe('closed')
    listening.close()
    await once(listening, 'close')
  })

  test('fails when nothing does', async () => {
    const error = await ordinaryError(session.tcpProbe({ address, port: await freePort() }, { timeoutMs }))

    expect(error.message).toContain('Connection refused')
  })

  test('is proved to be possible before anything listens there', async () => {
    const isStrict = on() === strict

    await session.proveProbes({ address, port: await freePort() }, { timeoutMs })

    expect(session.probesByShell).toBe(isStrict)
  })
})

test('a machine that can be asked in no way says so before anybody needs it', async () => {
  const prepare = (folder: string) => {
    symlinkSync('/bin/sh', join(folder, 'sh'))
    return ['AllowTcpForwarding no', `SetEnv PATH=${folder} SHLVL=2`]
  }
  await using bare = await startSshd({ prepare })
  await using session = await createSsh(bare.options, { env: {} }).connect(bare.target)

  const error = await session.proveProbes({ address, port: 80 }, { timeoutMs }).catch((error: unknown) => error)

  expect(isVesemirError(error, 'HOST_TOOL_MISSING')).toBe(true)
})

describe('a Unix socket on the machine', () => {
  useSession(() => sshd)

  test('is spoken to through the connection', async () => {
    const path = join(sshd.folder, 'echo.sock')
    const server = createServer((socket) => socket.pipe(socket))
    await once(server.listen(path), 'listening')

    const channel = await session.openUnixSocket(path)
    channel.write('hello')
    const [answer] = (await once(channel, 'data')) as [Buffer]

    expect(answer.toString()).toBe('hello')
    channel.destroy()
    server.close()
    await once(server, 'close')
  })

  test('that is not there is an ordinary error', async () => {
    const error = await ordinaryError(session.openUnixSocket(join(sshd.folder, 'none.sock')))

    expect(error.message).toContain('open failed')
  })
})

async function ordinaryError(asking: Promise<unknown>): Promise<Error> {
  const outcome = await asking.catch((error: unknown) => error)
  if (!(outcome instanceof Error) || isVesemirError(outcome)) throw outcome
  return outcome
}

const startHttp = (answer: RequestListener) => startServer(createHttpServer(answer))
