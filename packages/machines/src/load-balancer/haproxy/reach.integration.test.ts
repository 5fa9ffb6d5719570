import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failOnLeaks } from '@vesemir/testing/fail-on-leaks'
import { freePort } from '@vesemir/process/free-port'
import { codeOf, errorOf } from '@vesemir/testing/code-of'
import { startBox, type TestBox } from './testing/start-box.ts'

const proxies = `backend app
  server web-1 192.0.2.1:8080
  server web-2 192.0.2.2:8080`

let box: TestBox
beforeAll(async () => {
  box = await startBox(proxies)
})
afterAll(async () => {
  await box[Symbol.asyncDispose]()
})
failOnLeaks()

const web1 = () => ({ box: box.name, backend: 'app', server: 'web-1' })

describe('the way to a box', () => {
  test('is one connection for everything in the process, any number of sessions', async () => {
    await using connected = box.connect()
    const before = logins(box)

    const sessions = await Promise.all(Array.from({ length: 50 }, () => connected.open()))
    const answers = await Promise.all(sessions.map((session) => session.read([web1()])))

    expect(answers.flat()).toHaveLength(50)
    expect(logins(box) - before).toBe(1)
  })

  test('is closed when it was idle for long enough, and opened again', async () => {
    await using connected = box.connect({ options: { idleTime: '1ms' } })
    const before = logins(box)

    for (const _ of [1, 2]) {
      const session = await connected.open()
      await session[Symbol.asyncDispose]()
      await expect.poll(() => disconnections(box)).toBe(logins(box))
    }

    expect(logins(box) - before).toBe(2)
  })

  test('is opened again when the connection was lost', async () => {
    await using proxy = await startProxy(box.target.port)
    await using connected = box.connect({ target: { ...box.target, port: proxy.port } })
    const session = await connected.open()
    await session.read([web1()])

    proxy.cut()
    const read = await session.read([web1()])

    expect(read).toMatchObject([{ admin: 'ready' }])
  })

  test('fails in words when the box is gone for good', async () => {
    const proxy = await startProxy(box.target.port)
    await using connected = box.connect({
      target: { ...box.target, port: proxy.port },
      options: { answerTimeout: '200ms' },
    })
    const session = await connected.open()
    await proxy[Symbol.asyncDispose]()

    const error = await errorOf(session.read([web1()]))

    expect(error.code).toBe('LOAD_BALANCER_UNREACHABLE')
    expect(error.message).toMatch(/^HAProxy on web-1 does not answer: web-1 .* refused the connection/)
  })

  test('fails as SSH does when the box cannot be reached at all', async () => {
    await using connected = box.connect({ target: { ...box.target, port: await freePort() } })

    expect(await codeOf(connected.open())).toBe('SSH_REFUSED')
  })

  test('has the name of the box in it where the settings say so', async () => {
    const socket = box.haproxy.socket.replace('/admin.sock', '/{name}.sock')
    await using connected = box.connect({ options: { socket } })

    const error = await errorOf(connected.open())

    expect(error).toMatchObject({ code: 'LOAD_BALANCER_UNREACHABLE' })
    expect(error.message).toContain(`web-1: no socket at ${box.haproxy.folder}/web-1.sock`)
  })

  test('ends where nobody listens', async () => {
    const port = await freePort()
    await using connected = box.connect({ options: { socket: `127.0.0.1:${port}` } })

    const error = await errorOf(connected.open())

    expect(error.code).toBe('LOAD_BALANCER_UNREACHABLE')
    expect(error.message).toContain(`127.0.0.1:${port}`)
  })

  test('ends where nobody listens for the worker itself, without a connection by SSH', async () => {
    const port = await freePort()
    await using connected = box.connect({ options: { socket: `{address}:${port}`, from: 'worker' } })
    const before = logins(box)

    const error = await errorOf(connected.open())

    expect(error.code).toBe('LOAD_BALANCER_UNREACHABLE')
    expect(error.message).toContain(`web-1: the worker could not connect to HAProxy at 127.0.0.1:${port}`)
    expect(logins(box)).toBe(before)
  })

  test('ends where something else listens', async () => {
    const socket = join(box.haproxy.folder, 'other.sock')
    const server = createServer((connection) => connection.resume().end('220 mail.example.com ESMTP\r\n'))
    await once(server.listen(socket), 'listening')
    await using connected = box.connect({ options: { socket } })

    expect(await codeOf(connected.open())).toBe('LOAD_BALANCER_UNREACHABLE')

    server.close()
    await once(server, 'close')
  })

  test('ends in time where something takes the connection and is silent', async () => {
    const socket = join(box.haproxy.folder, 'silent.sock')
    const connections: Socket[] = []
    const server = createServer((connection) => void connections.push(connection))
    await once(server.listen(socket), 'listening')
    await using connected = box.connect({ options: { socket, answerTimeout: '100ms' } })

    expect(await codeOf(connected.open())).toBe('LOAD_BALANCER_UNREACHABLE')

    for (const connection of connections) connection.destroy()
    server.close()
    await once(server, 'close')
  })

  test('ends at a socket that may not change anything', async () => {
    await using strict = await startBox(proxies, { level: 'operator' })
    await using connected = strict.connect()

    const error = await errorOf(connected.open())

    expect(error.code).toBe('LOAD_BALANCER_PERMISSION')
    expect(error.message).toContain('level "operator"')
  })

  // Root may write to any socket.
  test.skipIf(process.getuid?.() === 0)('ends at a socket that the SSH user may not use', async () => {
    await using strict = await startBox(proxies)
    chmodSync(strict.haproxy.socket, 0)
    await using connected = strict.connect()

    expect(await codeOf(connected.open())).toBe('LOAD_BALANCER_PERMISSION')
  })
})

function logins({ sshd }: TestBox): number {
  return sshd.log().match(/^Accepted publickey/gm)?.length ?? 0
}

function disconnections({ sshd }: TestBox): number {
  return sshd.log().match(/^Disconnected from user/gm)?.length ?? 0
}

interface Proxy extends AsyncDisposable {
  port: number
  /** Cuts every connection through it. */
  cut(): void
}

async function startProxy(to: number): Promise<Proxy> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const onward = connect(to, '127.0.0.1')
    for (const [from, into] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(from)
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        into.destroy()
      })
      from.pipe(into)
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
