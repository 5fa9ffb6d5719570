import { isVesemirError } from '@vesemir/core'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSsh } from './create-ssh.ts'
import { fingerprint } from './host-keys.ts'
import type { SshOptions } from './ssh-options.ts'
import { failOnLeaks } from '@vesemir/testing/fail-on-leaks'
import { startSshd, type Sshd } from './testing/start-sshd.ts'
import { writeKeyPair } from '@vesemir/testing/start-sshd'
import { freePort } from '@vesemir/process/free-port'

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd({ settings: ['LogLevel DEBUG1'] })
})
afterAll(async () => {
  await sshd[Symbol.asyncDispose]()
})
failOnLeaks()

const otherKey = (type?: string) => writeKeyPair(join(sshd.folder, 'other'), type ? { type } : {}).public
const fingerprintOf = (line: string) => fingerprint(Buffer.from(line.split(' ')[1]!, 'base64'))

describe('a machine that is as it should be', () => {
  test('is connected to with the fastest exchange and cipher', async () => {
    await using session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)

    expect(session.target).toBe(sshd.target)
    expect(sshd.log()).toMatch(/kex: algorithm: curve25519-sha256/)
    expect(sshd.log()).toMatch(/client->server cipher: aes128-gcm@openssh.com/)
  })

  test.each(['ed25519', 'rsa', 'ecdsa'])(
    'is logged in to with a key (%s) in one request, which is signed',
    async (type) => {
      await using loud = await startSshd({ settings: ['LogLevel VERBOSE'] })
      const path = join(loud.folder, `client_${type}`)
      const line = writeKeyPair(path, { type }).public
      appendFileSync(join(loud.folder, 'authorized_keys'), `${line}\n`)
      await using session = await createSsh({ ...loud.options, privateKey: path }, { env: {} }).connect(loud.target)

      expect(await session.run('echo ok', { timeoutMs: 5000 })).toEqual({ stdout: 'ok\n' })
      expect(loud.log()).toContain('Accepted publickey')
      expect(loud.log()).not.toMatch(/Postponed|Failed publickey/)
    },
  )

  test('is connected to with any one of several known keys', async () => {
    const target = { ...sshd.target, hostKeys: [otherKey(), ...sshd.target.hostKeys] }

    await using session = await createSsh(sshd.options, { env: {} }).connect(target)

    expect(await session.run('echo ok', { timeoutMs: 5000 })).toEqual({ stdout: 'ok\n' })
  })

  test('is connected to again when sshd drops the connection beyond MaxStartups', async () => {
    await using busy = await startSshd({ settings: ['MaxStartups 2:100:2', 'LogLevel VERBOSE'] })
    const ssh = createSsh(busy.options, { env: {} })

    const sessions = await Promise.all(Array.from({ length: 8 }, () => ssh.connect(busy.target)))
    for (const session of sessions) await session[Symbol.asyncDispose]()

    expect(busy.log()).toMatch(/drop connection|Exceeded MaxStartups|beginning MaxStartups throttling/i)
    expect(sessions).toHaveLength(8)
  })

  test('takes an encrypted key, its passphrase from the environment', async () => {
    await using other = await startSshd()
    const key = writeKeyPair(join(other.folder, 'encrypted'), { passphrase: 'open sesame' })
    const options = { ...other.options, privateKey: join(other.folder, 'encrypted') }
    const withPassphrase = { ...options, privateKeyPassphraseVariable: 'KEY_PASSPHRASE' }
    writeFileSync(join(other.folder, 'authorized_keys'), `${key.public}\n`)

    await using session = await createSsh(withPassphrase, { env: { KEY_PASSPHRASE: 'open sesame' } }).connect(
      other.target,
    )

    expect((await session.run('echo ok', { timeoutMs: 5000 })).stdout).toBe('ok\n')
    expect(() => createSsh(withPassphrase, { env: {} })).toThrow(/environment has no KEY_PASSPHRASE/)
    expect(() => createSsh(withPassphrase, { env: { KEY_PASSPHRASE: 'wrong' } })).toThrow(/privateKey: .*encrypted/)
    expect(() => createSsh(options, { env: {} })).toThrow(/privateKey: .*encrypted/)
  })

  test('takes a key from an agent, after one that it refuses', async () => {
    const socket = join(sshd.folder, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket])
    await once(agent.stdout, 'data')
    await once(
      spawn('ssh-add', ['-q', sshd.options.privateKey!], { env: { ...process.env, SSH_AUTH_SOCK: socket } }),
      'exit',
    )
    writeKeyPair(join(sshd.folder, 'stranger'))
    const options = { ...sshd.options, privateKey: join(sshd.folder, 'stranger'), agent: socket }

    await using session = await createSsh(options, { env: {} }).connect(sshd.target)

    expect((await session.run('echo ok', { timeoutMs: 5000 })).stdout).toBe('ok\n')
    agent.kill()
    await once(agent, 'exit')
  })
})

describe('a host key', () => {
  test('that differs is refused, with both fingerprints', async () => {
    const known = otherKey()

    const error = await failure({ hostKeys: [known] })

    expect(error.code).toBe('SSH_HOST_KEY_MISMATCH')
    expect(error.message).toContain(fingerprintOf(known))
    expect(error.message).toContain(fingerprintOf(sshd.target.hostKeys[0]!))
  })

  test('of another type than all the known ones is refused, with its fingerprint', async () => {
    const known = otherKey('ecdsa')

    const error = await failure({ hostKeys: [known] })

    expect(error.code).toBe('SSH_HOST_KEY_MISMATCH')
    expect(error.message).toContain(fingerprintOf(sshd.target.hostKeys[0]!))
  })

  test.for([[[]], [['nonsense']], [['ssh-dss AAAA']]])(
    'is needed before anything is sent (known: %j)',
    async ([hostKeys = []]) => {
      await using server = await startServer((socket) => socket.destroy())

      const error = await failure({ port: server.port, hostKeys })

      expect(error.code).toBe('HOST_KEY_MISSING')
      expect(server.accepted()).toBe(0)
    },
  )
})

describe('logging in', () => {
  test('fails with the user and what was tried when the key is refused', async () => {
    writeKeyPair(join(sshd.folder, 'stranger'))
    const privateKey = join(sshd.folder, 'stranger')

    const error = await failure({}, { privateKey, agent: join(sshd.folder, 'no-agent') })

    expect(error.code).toBe('SSH_AUTH_FAILED')
    expect(error.message).toMatch(
      new RegExp(
        `refused to log in ${sshd.target.user} with key ${privateKey} \\(SHA256:.*\\) and agent .*accepts publickey`,
      ),
    )
  })

  test('fails when sshd cuts it short', async () => {
    await using strict = await startSshd({ settings: ['MaxAuthTries 1'] })
    writeKeyPair(join(sshd.folder, 'stranger'))

    const error = await failure({ ...strict.target }, { privateKey: join(sshd.folder, 'stranger') })

    expect(error.code).toBe('SSH_AUTH_FAILED')
  })
})

describe('a machine that cannot be reached', () => {
  test('has a name that nobody knows', async () => {
    const error = await failure({ address: 'no-such-machine.invalid' })

    expect(error.code).toBe('SSH_NAME_UNKNOWN')
    expect(error.message).toMatch(/web-1 \(no-such-machine.invalid:\d+\) has an address that/)
  })

  test('refuses the connection', async () => {
    const error = await failure({ port: await freePort() })

    expect(error.code).toBe('SSH_REFUSED')
    expect(error.message).toContain('refused the connection')
  })

  test('takes the connection and then says nothing', async () => {
    await using server = await startServer(() => {})

    const error = await failure({ port: server.port }, { connectTimeout: '100ms' })

    expect(error.code).toBe('SSH_TIMED_OUT')
    expect(error.message).toContain('accepted the connection but did not complete the login within 100ms')
  })

  test('says that it speaks SSH and then nothing more', async () => {
    await using server = await startServer((socket) => socket.write('SSH-2.0-Tarpit\r\n'))

    const error = await failure({ port: server.port }, { connectTimeout: '100ms' })

    expect(error.code).toBe('SSH_TIMED_OUT')
  })

  test.for([
    ['hangs up', (socket: Socket) => socket.end()],
    ['resets the connection', (socket: Socket) => socket.resetAndDestroy()],
    ['speaks HTTP', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    [
      'speaks nonsense',
      (socket: Socket) => socket.end(Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.alloc(4096, 0xff)])),
    ],
  ] as const)('%s', async ([, answer]) => {
    await using server = await startServer(answer)

    const error = await failure({ port: server.port })

    expect(error.code).toBe('SSH_UNREACHABLE')
    expect(error.message).toMatch(/handshake|reset the connection/)
  })
})

test('connecting stops at once when it is given up', async () => {
  await using server = await startServer(() => {})
  const controller = new AbortController()
  const connecting = createSsh(sshd.options, { env: {} }).connect(
    { ...sshd.target, port: server.port },
    controller.signal,
  )
  await server.connection()

  controller.abort(new Error('enough'))

  await expect(connecting).rejects.toThrow('enough')
  await server.disconnection()
})

test('a key file that is not there is a mistake in the settings', () => {
  expect(() => createSsh({ ...sshd.options, privateKey: '/nonexistent/key' }, { env: {} })).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('privateKey: /nonexistent/key'),
    }),
  )
})

async function failure(target: Partial<Sshd['target']>, options: Partial<SshOptions> = {}) {
  const ssh = createSsh({ ...sshd.options, ...options }, { env: {} })
  const outcome = await ssh.connect({ ...sshd.target, ...target }).catch((error: unknown) => error)
  if (!isVesemirError(outcome)) throw outcome
  return outcome
}

async function startServer(onConnection: (socket: Socket) => unknown) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {}).resume()
    onConnection(socket)
  })
  const first = once(server, 'connection')
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => sockets.length,
    connection: () => first,
    disconnection: () => once(sockets[0]!, 'close'),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
