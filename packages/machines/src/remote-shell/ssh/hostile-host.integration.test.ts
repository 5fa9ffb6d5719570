import type { LogLine } from '@vesemir/contract'
import { isVesemirError, type RunOptions } from '@vesemir/core'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSsh } from './create-ssh.ts'
import { failOnLeaks } from '@vesemir/testing/fail-on-leaks'
import { provenOutput, startOddServer } from './testing/start-odd-server.ts'
import { startSshd, type Sshd } from './testing/start-sshd.ts'

// What a host may do to the worker, and through it to whoever watches, when it is broken or not ours any more.

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(async () => {
  await sshd[Symbol.asyncDispose]()
})
failOnLeaks()

async function run(script: string, options: Partial<RunOptions> = {}) {
  await using session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
  return await session.run(script, { timeoutMs: 50_000, ...options })
}

async function failure(running: Promise<unknown>) {
  const outcome = await running.catch((error: unknown) => error)
  if (!isVesemirError(outcome)) throw outcome
  return outcome
}

/** Tells by how much the process grew, at its largest, while something ran. */
async function growth(work: (look: () => void) => Promise<unknown>): Promise<number> {
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  let most = before
  const look = () => (most = Math.max(most, process.memoryUsage().rss))
  await work(look)
  look()
  return (most - before) / 1024 / 1024
}

const mostMegabytes = 128
// What may never come out.
const control = /[^\P{Cc}\t]/u

describe('output', () => {
  test('without end is ended by the time limit, and does not fill the memory', async () => {
    let lines = 0
    const outcome = Promise.withResolvers<Awaited<ReturnType<typeof failure>>>()
    // At a first flood V8 makes its young generation larger, once, by about as much as is allowed here.
    await failure(run('yes "no end"', { timeoutMs: 1000, onLine: () => {} }))

    const megabytes = await growth(async (look) => {
      const onLine = () => void ((lines += 1) % 10_000 === 0 && look())
      outcome.resolve(await failure(run('yes "no end"', { timeoutMs: 3000, onLine })))
    })

    const error = await outcome.promise
    expect(error.code).toBe('COMMAND_TIMED_OUT')
    // The last may be cut off.
    expect(error.details.lastLines).toEqual(expect.arrayContaining(Array(9).fill('no end')) as string[])
    expect(lines).toBeGreaterThan(10_000)
    // Some ten million lines: kept, they would be a gigabyte.
    expect(megabytes).toBeLessThan(2 * mostMegabytes)
  })

  test.each([
    ['stdout', 100_000_000, ''],
    ['stderr', 20_000_000, ' >&2'],
  ] as const)('of one endless line on %s comes in pieces, of which the last are kept', async (_, bytes, redirect) => {
    let characters = 0
    let longest = 0
    const outcome = Promise.withResolvers<{ stdout: string }>()

    const megabytes = await growth(async (look) => {
      const onLine = ({ text }: LogLine) => {
        characters += text.length
        longest = Math.max(longest, text.length)
        look()
      }
      outcome.resolve(await run(`head -c ${bytes} /dev/zero | tr '\\0' x${redirect}; echo end`, { onLine }))
    })

    const { stdout } = await outcome.promise
    expect(characters).toBe(bytes + 'end'.length)
    expect(longest).toBe(16 * 1024)
    expect(stdout.length).toBeLessThanOrEqual(64 * 1024)
    expect(stdout.endsWith('end\n')).toBe(true)
    expect(megabytes).toBeLessThan(mostMegabytes)
  })

  test('that is not UTF-8 is shown with replacement characters', async () => {
    const lines: string[] = []

    await run(String.raw`printf 'caf\303\251 \377 \342\202\n'`, { onLine: (line) => lines.push(line.text) })

    expect(lines).toEqual(['café \ufffd \ufffd'])
  })

  test('of any bytes has no control character left', async () => {
    const lines: string[] = []

    await run('head -c 2000000 /dev/urandom', { onLine: (line) => lines.push(line.text) })

    expect(lines.length).toBeGreaterThan(1000)
    expect(lines.filter((line) => control.test(line) || !line.isWellFormed())).toEqual([])
  })

  test.each([
    ['colours', String.raw`\033[1;31mred\033[0m`, 'red'],
    ['a cleared screen', String.raw`\033[2J\033[Hgone`, 'gone'],
    ['a title', String.raw`\033]0;owned\007text`, 'text'],
    ['a link', String.raw`\033]8;;http://evil.example\007text\033]8;;\007`, 'text'],
    ['a question to the terminal', String.raw`\033[6ntext`, 'text'],
    ['backspaces', String.raw`evil\010\010\010\010good`, 'evilgood'],
    ['C1 controls', String.raw`\302\2332Jtext`, 'text'],
    ['half a sequence', String.raw`text\033[`, 'text['],
  ])('with %s for a terminal comes as text alone, in lines and in errors', async (_, bytes, text) => {
    const lines: string[] = []

    const error = await failure(run(`printf '${bytes}\\n' >&2; exit 1`, { onLine: (line) => lines.push(line.text) }))

    expect(lines).toEqual([text])
    expect(error.message).toBe(`The command on web-1 ended with exit status 1: ${text}`)
    expect(error.details.lastLines).toEqual([text])
  })
})

describe('a host', () => {
  test('that closes the connection in the middle of a command has not done it', async () => {
    await using odd = await startOddServer(sshd, {
      onCommand(channel, client) {
        channel.write('half\n')
        client.end()
      },
    })

    const error = await failure(odd.session.run('true', { timeoutMs: 10_000 }))

    expect(error.code).toBe('SSH_CONNECTION_LOST')
    expect(error.message).toContain('web-1')
  })

  test('that never closes what it has ended is not waited for for ever', async () => {
    await using odd = await startOddServer(sshd, {
      onCommand(channel, _client, command) {
        channel.write(provenOutput(command, 'done\n'))
        channel.exit(0)
      },
    })

    expect(await odd.session.run('echo done', { timeoutMs: 30_000 })).toEqual({ stdout: 'done\n' })
  })

  test('that ends its output and never tells how it went ends by the time limit', async () => {
    await using odd = await startOddServer(sshd, { onCommand: (channel) => channel.stdout.write('half') })

    const error = await failure(odd.session.run('true', { timeoutMs: 500 }))

    expect(error.code).toBe('COMMAND_TIMED_OUT')
  })

  test('that lets in and then answers nothing ends by the time limit', async () => {
    await using odd = await startOddServer(sshd, { isSilent: true })

    const error = await failure(odd.session.run('true', { timeoutMs: 500 }))

    expect(error.code).toBe('COMMAND_TIMED_OUT')
    expect(error.message).toContain('web-1')
  })

  test('that tells no end of a farewell, for a terminal, is quoted in one short line', async () => {
    const farewell = `\u001b[2Jcome\r\n\u001b]0;owned\u0007back ${'x'.repeat(20_000)}`
    const server = createServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end(disconnect(farewell)),
    )
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo

    const error = await failure(createSsh(sshd.options, { env: {} }).connect({ ...sshd.target, port }))

    expect(error.code).toBe('SSH_UNREACHABLE')
    expect(error.message).not.toMatch(control)
    expect(error.message.length).toBeLessThan(500)
    server.close()
    await once(server, 'close')
  })
})

/** A server's first words, and then SSH_MSG_DISCONNECT (RFC 4253, 11.1) in a packet that is not encrypted yet (6). */
function disconnect(description: string): Buffer {
  const text = Buffer.from(description)
  const payload = Buffer.concat([Buffer.from([1]), uint32(2), uint32(text.length), text, uint32(0)])
  const padding = 16 - ((payload.length + 5) % 8)
  const head = Buffer.concat([uint32(payload.length + padding + 1), Buffer.from([padding])])
  return Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), head, payload, Buffer.alloc(padding)])
}

function uint32(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(number)
  return bytes
}
