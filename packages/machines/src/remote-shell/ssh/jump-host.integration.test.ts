import { isVesemirError } from '@vesemir/core'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectClient } from './connect-client.ts'
import { createSsh } from './create-ssh.ts'
import { readCredentials } from './credentials.ts'
import { knownHostKeys } from './host-keys.ts'
import { createJumpHost } from './jump-host.ts'
import { openSocket } from './open-socket.ts'
import type { JumpHostOptions, SshOptions } from './ssh-options.ts'
import { failOnLeaks } from '@vesemir/testing/fail-on-leaks'
import { startSshd, type Sshd } from './testing/start-sshd.ts'
import { writeKeyPair } from '@vesemir/testing/start-sshd'
import { freePort } from '@vesemir/process/free-port'
import { direct } from './route.ts'

let host: Sshd
beforeAll(async () => {
  host = await startSshd({ settings: ['MaxStartups 100', 'LogLevel VERBOSE'] })
})
afterAll(async () => {
  await host[Symbol.asyncDispose]()
})
failOnLeaks()

/** A jump host lets in who the host lets in. */
async function startJump(settings: string[] = []) {
  const clientKey = readFileSync(`${host.options.privateKey}.pub`, 'utf8').trim()
  const jump = await startSshd({ settings: [...settings, 'LogLevel VERBOSE'], authorizedKeys: [clientKey] })
  const { address, port, hostKeys } = jump.target
  const hop: JumpHostOptions = { address, port, hostKeys, maxConnections: 2 }
  return Object.assign(jump, { hop, logins: () => jump.log().match(/Accepted publickey/g)?.length ?? 0 })
}

const through = (jumpHosts: JumpHostOptions[], options: Partial<SshOptions> = {}) =>
  createSsh({ ...host.options, jumpHosts, ...options })

async function failure(connecting: Promise<unknown>) {
  const outcome = await connecting.catch((error: unknown) => error)
  if (!isVesemirError(outcome)) throw outcome
  return outcome
}

describe('a jump host', () => {
  test('is chosen for each host, by a name of the settings: one, several, or none', async () => {
    await using outer = await startJump()
    await using inner = await startJump()
    const ssh = through([outer.hop], { namedJumpHosts: { inner: inner.hop, outer: outer.hop } })
    const logins = () => [outer.logins(), inner.logins()]
    const connect = async (jumpHosts?: string[]) => {
      await using session = await ssh.connect({ ...host.target, ...(jumpHosts && { jumpHosts }) })
      await session.run('true', { timeoutMs: 20_000 })
    }

    await connect([])
    expect(logins()).toEqual([0, 0])
    await connect(['inner'])
    expect(logins()).toEqual([0, 1])
    await connect(['outer', 'inner'])
    expect(logins()).toEqual([1, 2])
    await connect()
    expect(logins()).toEqual([2, 2])
    await expect(connect(['elsewhere'])).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  test('is gone through with one connection, however many hosts are reached', async () => {
    await using jump = await startJump()
    const ssh = through([jump.hop])

    const sessions = await Promise.all(Array.from({ length: 12 }, () => ssh.connect(host.target)))
    const answers = await Promise.all(
      sessions.map((session) => session.run('echo "$SSH_CLIENT"', { timeoutMs: 20_000 })),
    )

    expect(answers).toHaveLength(12)
    expect(jump.logins()).toBe(1)
    await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()))
  })

  test('is left with the last host, and gone to again for the next', async () => {
    await using jump = await startJump()
    const ssh = through([jump.hop])
    const one = await ssh.connect(host.target)
    const two = await ssh.connect(host.target)

    await one[Symbol.asyncDispose]()
    expect(await two.run('echo still here', { timeoutMs: 5000 })).toEqual({ stdout: 'still here\n' })
    await two[Symbol.asyncDispose]()
    await expect.poll(() => jump.log()).toMatch(/Disconnected from user/)
    await using three = await ssh.connect(host.target)

    expect(await three.run('echo again', { timeoutMs: 5000 })).toEqual({ stdout: 'again\n' })
    expect(jump.logins()).toBe(2)
  })

  test('can itself be reached through another', async () => {
    await using outer = await startJump()
    await using inner = await startJump()

    await using session = await through([outer.hop, inner.hop]).connect(host.target)

    expect((await session.run('echo deep', { timeoutMs: 5000 })).stdout).toBe('deep\n')
    expect([outer.logins(), inner.logins()]).toEqual([1, 1])
  })

  test('has its own user, and its key in known_hosts', async () => {
    await using jump = await startJump()
    const knownHosts = join(jump.folder, 'known_hosts')
    writeFileSync(knownHosts, `[127.0.0.1]:${jump.hop.port} ${jump.hop.hostKeys[0]}\n`)
    const hop = { ...jump.hop, hostKeys: [], knownHosts }

    await using session = await through([hop]).connect(host.target)
    const refused = await failure(through([{ ...hop, user: 'nobody-at-all' }]).connect(host.target))

    expect(await session.run('echo in', { timeoutMs: 5000 })).toEqual({ stdout: 'in\n' })
    expect(refused).toMatchObject({
      code: 'SSH_AUTH_FAILED',
      message: expect.stringContaining('jump host 127.0.0.1') as string,
    })
  })

  test('that is lost takes its sessions with it, and they say so; the next connect opens it again', async () => {
    await using jump = await startJump()
    const ssh = through([jump.hop])
    await using one = await ssh.connect(host.target)
    const running = failure(one.run('sleep 60', { timeoutMs: 20_000 }))

    jump.killConnections()
    const error = await running
    await using two = await ssh.connect(host.target)

    expect(error).toMatchObject({
      code: 'SSH_CONNECTION_LOST',
      message: expect.stringMatching(/web-1 .*, since: The SSH connection to jump host 127\.0\.0\.1 /) as string,
    })
    expect(await two.run('echo again', { timeoutMs: 5000 })).toEqual({ stdout: 'again\n' })
  })

  test('is opened for all who wait for it, though one of them gives up', async () => {
    await using jump = await startJump()
    const ssh = through([jump.hop])
    const controller = new AbortController()

    const impatient = ssh.connect(host.target, controller.signal)
    const patient = ssh.connect(host.target)
    controller.abort(new Error('cancelled'))

    await expect(impatient).rejects.toThrow('cancelled')
    await using session = await patient
    expect(await session.run('echo ok', { timeoutMs: 5000 })).toEqual({ stdout: 'ok\n' })
  })
})

describe('the bound on connections', () => {
  test('holds for 500 hosts, who are spread evenly', async () => {
    await using jump = await startJump()
    let logins = 0
    using jumpHosts = readCredentials(host.options, { env: {}, clock: Date })({ name: 'jump-host' })
    const credentials = await jumpHosts.read()
    const route = createJumpHost({
      target: jump.target,
      maxConnections: 3,
      logIn: async (signal) => {
        logins += 1
        const { target } = jump
        const login = {
          target,
          known: knownHostKeys(target),
          credentials,
          keepAliveIntervalMs: 10_000,
          nowMs: 0,
          signal,
        }
        return { client: await connectClient(await openSocket(target, signal), login), route: await direct.hold() }
      },
    })
    await using server = await startServer()
    const target = { ...host.target, port: server.port }

    const held = await Promise.all(Array.from({ length: 500 }, () => route.hold()))
    const streams = await Promise.all(held.map((one) => one.dial(target, new AbortController().signal)))

    expect(logins).toBe(3)
    await expect.poll(() => server.accepted()).toBe(500)
    for (const stream of streams) stream.destroy()
    for (const one of held) one.release()
    await expect.poll(() => jump.log().match(/Disconnected from user/g)?.length).toBe(3)
  })
})

describe('what goes wrong on the way', () => {
  test.each([
    [
      'refuses',
      async () => ({ port: await freePort() }),
      'SSH_REFUSED',
      /through jump host 127.0.0.1, which says: Connection refused/,
    ],
    [
      'has a name that the jump host does not know',
      async () => ({ address: 'no-such-machine.invalid' }),
      'SSH_NAME_UNKNOWN',
      /which says/,
    ],
  ] as const)('is told when the host %s', async (_, part, code, words) => {
    await using jump = await startJump()

    const error = await failure(through([jump.hop]).connect({ ...host.target, ...(await part()) }))

    expect(error).toMatchObject({ code, message: expect.stringMatching(words) as string })
  })

  test('names the jump host that opens no connections for others', async () => {
    await using jump = await startJump(['AllowTcpForwarding no'])

    const error = await failure(through([jump.hop]).connect(host.target))

    expect(error).toMatchObject({
      code: 'SSH_CHANNEL_REFUSED',
      message: expect.stringMatching(/^web-1 .* cannot be reached through jump host 127\.0\.0\.1/) as string,
    })
  })

  test('names the jump host when it is the one that is not there', async () => {
    const hop = { address: '127.0.0.1', port: await freePort(), hostKeys: host.target.hostKeys, maxConnections: 2 }

    const error = await failure(through([hop]).connect(host.target))

    expect(error).toMatchObject({
      code: 'SSH_REFUSED',
      message: expect.stringMatching(/^jump host 127\.0\.0\.1 \(127\.0\.0\.1:\d+\) refused/) as string,
    })
  })

  test('names the jump host when it shows another key, before anyone logs in', async () => {
    await using jump = await startJump()
    const other = writeKeyPair(join(jump.folder, 'other')).public

    const error = await failure(through([{ ...jump.hop, hostKeys: [other] }]).connect(host.target))

    expect(error).toMatchObject({
      code: 'SSH_HOST_KEY_MISMATCH',
      message: expect.stringMatching(/^jump host/) as string,
    })
    expect(jump.logins()).toBe(0)
  })

  test('names the jump host when none of its keys is known', async () => {
    await using jump = await startJump()

    const error = await failure(through([{ ...jump.hop, hostKeys: [] }]).connect(host.target))

    expect(error).toMatchObject({ code: 'HOST_KEY_MISSING' })
  })
})

async function startServer() {
  let accepted = 0
  const server = createServer((socket) => {
    accepted += 1
    socket.on('error', () => {}).resume()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => accepted,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
