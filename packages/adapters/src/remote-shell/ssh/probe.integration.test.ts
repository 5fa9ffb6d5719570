import { isVesemirError } from '@vesemir/core'
import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSsh } from './create-ssh.ts'
import type { SshSession } from './ssh-session.ts'
import { failOnLeaks } from './testing/fail-on-leaks.ts'
import { freePort, startSshd, type Sshd } from './testing/start-sshd.ts'

let sshd: Sshd
let session: SshSession
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(async () => {
  await sshd[Symbol.asyncDispose]()
})
failOnLeaks()
beforeEach(async () => {
  session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
})
afterEach(async () => {
  await session[Symbol.asyncDispose]()
})

const address = '127.0.0.1'
const timeoutMs = 5000

describe('an HTTP request from the machine', () => {
  test('gives status and body', async () => {
    await using server = await startHttp((request, response) => {
      response.writeHead(503)
      response.end(`${request.method} ${request.url} ${request.headers.connection} ${request.headers.host}`)
    })

    const answer = await session.httpGet({ address, port: server.port, path: '/a b?c=é%20' }, { timeoutMs })

    expect(answer).toEqual({ status: 503, body: `GET /a%20b?c=%C3%A9%20 close ${address}:${server.port}` })
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

  test('says that sshd forbids it', async () => {
    await using strict = await startSshd({ settings: ['AllowTcpForwarding no'] })
    await using session = await createSsh(strict.options, { env: {} }).connect(strict.target)

    const error = await ordinaryError(session.httpGet({ address, port: 80, path: '/' }, { timeoutMs }))

    expect(error.message).toContain('AllowTcpForwarding')
  })
})

describe('a TCP connection from the machine', () => {
  test('proves that something listens', async () => {
    await using server = await startHttp(() => {})

    const probing = session.tcpProbe({ address, port: server.port }, { timeoutMs })

    await expect(probing).resolves.toBeUndefined()
  })

  test('fails when nothing does', async () => {
    const error = await ordinaryError(session.tcpProbe({ address, port: await freePort() }, { timeoutMs }))

    expect(error.message).toContain('Connection refused')
  })
})

describe('a Unix socket on the machine', () => {
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

async function startHttp(answer: RequestListener) {
  const server = createHttpServer(answer)
  await once(server.listen(0, address), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
