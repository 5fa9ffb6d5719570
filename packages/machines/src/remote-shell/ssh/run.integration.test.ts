import { isVesemirError, type RunOptions } from '@vesemir/core'
import type { LogLine } from '@vesemir/contract'
import { createMasker } from '@vesemir/process/masking'
import fc from 'fast-check'
import type { ServerChannel } from 'ssh2'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { shellQuote } from '../shell-quote.ts'
import { createSsh } from './create-ssh.ts'
import type { SshSession } from './ssh-session.ts'
import { failOnLeaks } from '@vesemir/testing/fail-on-leaks'
import { provenOutput, startOddServer } from './testing/start-odd-server.ts'
import { startSshd, type Sshd } from './testing/start-sshd.ts'

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

const run = (script: string, options: Partial<RunOptions> = {}) =>
  session.run(script, { timeoutMs: 20_000, ...options })

async function failure(running: Promise<unknown>) {
  const outcome = await running.catch((error: unknown) => error)
  if (!isVesemirError(outcome)) throw outcome
  return outcome
}

/** Asks the machine until a process is gone, or only waits for its parent's notice; the test's time limit is the bound. */
const gone = (pid: string) => run(`while grep -q '^State:.[^Z]' /proc/${pid}/status 2>/dev/null; do sleep 0.02; done`)

describe("a script of Vesemir's own", () => {
  const run = (script: string, options: Partial<RunOptions> = {}) =>
    session.run(script, { timeoutMs: 20_000, isOwn: true, ...options })

  test('is run by the shell that proves its end, which begins it as a new one would', async () => {
    const script = `printf '%s ' "$#" "$0" "$VALUE" a:b; for word in $WORDS; do printf '<%s>' "$word"; done; cat /proc/$PPID/comm`
    const env = { VALUE: "it's\na value", WORDS: ' one  two' }

    expect((await run(script, { env })).stdout).toBe("0 sh it's\na value a:b <one><two>sshd\n")
    expect((await session.run(script, { timeoutMs: 20_000, env })).stdout).toMatch(/<two>sh\n$/)
  })

  test.each([
    ['comes to its end', 'false', 1],
    ['exits', '(exit 4); f() { exit 3; }; f', 3],
    ['fails under set -e', 'set -e; sh -c "exit 5"; echo not reached', 5],
    ['does not parse', 'if then', 2],
    ['fails, and what it does at its end too', 'set -e; at_end() { false; }; exit 6', 6],
  ])('tells its status where it %s', async (_, script, status) => {
    expect(await failure(run(script))).toMatchObject({ code: 'COMMAND_FAILED', details: { exitCode: status } })
  })

  test('does at its end what it has said, with its output and before its end is told', async () => {
    const { stdout } = await run('at_end() { echo end; }; (trap "echo apart" EXIT); echo here')

    expect(stdout).toBe('apart\nhere\nend\n')
  })

  test('is ended with its time, and so is what it has started', async () => {
    const pids: string[] = []
    const onLine = ({ text }: LogLine) => void pids.push(text)

    const error = await failure(run('sleep 60 & echo $!; echo $$; wait', { timeoutMs: 500, onLine }))

    expect(error.code).toBe('COMMAND_TIMED_OUT')
    expect(pids).toHaveLength(2)
    for (const pid of pids) await gone(pid)
  })

  test('does nothing more once its time is over, but what it does at its end', async () => {
    const { stdout: folder } = await session.run('mktemp -d', { timeoutMs: 20_000 })
    const file = `${folder.trim()}/done`
    const pids: string[] = []
    const onLine = ({ text }: LogLine) => void pids.push(text)
    const program = 'sh -c \'trap "exit 1" TERM; sleep 60 & wait\''
    const script = `at_end() { echo end >> ${file}; }; echo $$; ${program} || true; echo more >> ${file}`

    await failure(run(script, { timeoutMs: 500, onLine }))
    await gone(pids[0]!)

    expect((await run(`cat ${file}; rm -r ${folder.trim()}`)).stdout).toBe('end\n')
  })
})

describe('variables that may be secret', () => {
  const secret = `hunter2 'it"s' $HOME \\n\nsecond line`
  async function* input(text: string) {
    yield Buffer.from(text)
  }

  test('reach the script whole, before its input, and no process shows them', async () => {
    const script =
      'printf %s "$TOKEN"; cat; printf %s "${VESEMIR_SENT-none}"; cat /proc/[0-9]*/cmdline | tr "\\0" "\\n" >&2'
    const lines: string[] = []
    const onLine = ({ stream, text }: LogLine) => void (stream === 'stderr' && lines.push(text))

    const options = { secretEnv: { TOKEN: secret, EMPTY: '' }, input: input('and input'), onLine }
    const { stdout } = await run(script, options)

    expect(stdout).toBe(`${secret}and inputnone`)
    expect(lines.join('\n')).toContain('VESEMIR_SENT')
    expect(lines.join('\n')).not.toContain('hunter2')
  })

  test('reach a script without input, which is still ended with its time', async () => {
    expect(await run('printf %s "$TOKEN"', { secretEnv: { TOKEN: secret } })).toEqual({ stdout: secret })
    const error = await failure(run('sleep 60', { secretEnv: { TOKEN: secret }, timeoutMs: 500 }))
    expect(error.code).toBe('COMMAND_TIMED_OUT')
  })

  test('are masked in all that comes of the output', async () => {
    const masker = createMasker()
    masker.add('hunter2-hunter2')
    await using session = await createSsh(sshd.options, { env: {}, masker }).connect(sshd.target)
    const lines: string[] = []
    const script =
      'echo "$TOKEN"; printf %s "$TOKEN" | base64 | fold -w 5; printf "hunter2-\\033[1mhunter2\\n" >&2; exit 1'

    const error = await session
      .run(script, {
        timeoutMs: 20_000,
        secretEnv: { TOKEN: 'hunter2-hunter2' },
        onLine: ({ text }) => void lines.push(text),
      })
      .catch((failed: unknown) => failed)

    expect(lines.toSorted()).toEqual(['***', '***', '***'])
    expect(error).toMatchObject({
      code: 'COMMAND_FAILED',
      message: 'The command on web-1 ended with exit status 1: ***',
    })
    expect(JSON.stringify((error as { details: unknown }).details)).not.toContain('hunter2')
  })
})

describe('output', () => {
  test('comes as lines, each with its stream, while the command runs', async () => {
    const lines: LogLine[] = []
    const { promise: seen, resolve } = Promise.withResolvers<void>()
    const { promise: goOn, resolve: release } = Promise.withResolvers<void>()
    const onLine = (line: LogLine) => {
      lines.push(line)
      resolve()
    }
    async function* input() {
      await goOn
      yield Buffer.from('go\n')
    }

    const running = run('echo one; read -r word; echo "two $word" >&2; printf three', { onLine, input: input() })
    await seen
    const early = [...lines]
    release()
    const { stdout } = await running

    expect(early).toEqual([{ stream: 'stdout', text: 'one' }])
    expect(stdout).toBe('one\nthree')
    expect(lines).toContainEqual({ stream: 'stderr', text: 'two go' })
    expect(lines).toContainEqual({ stream: 'stdout', text: 'three' })
  })

  test('that its listener chokes on fails the command, not the connection', async () => {
    const onLine = () => {
      throw new Error('the log is full')
    }

    await expect(run('echo one; sleep 60', { onLine })).rejects.toThrow('the log is full')
    expect(await run('echo still here')).toEqual({ stdout: 'still here\n' })
  })

  test('is waited for no longer when what was started in the background holds it open', async () => {
    const { stdout } = await run('sleep 60 & echo $!')

    expect(stdout).toMatch(/^\d+\n$/)
    await run(`kill ${stdout}`)
  })
})

describe('input', () => {
  test('is sent as it is, as fast as the command takes it', async () => {
    const chunk = Buffer.alloc(256 * 1024, 'x')
    let pulled = 0
    async function* input() {
      for (; pulled < 40; pulled += 1) yield chunk
    }

    const { stdout } = await run('wc -c', { input: input() })

    expect(stdout.trim()).toBe(String(40 * chunk.length))
  })

  test('is not pulled on when the command ends without reading it', async () => {
    let stopped = false
    async function* input() {
      try {
        for (;;) yield Buffer.alloc(1024 * 1024)
      } finally {
        stopped = true
      }
    }

    await run('exit 0', { input: input() })

    await expect.poll(() => stopped).toBe(true)
  })

  test('that breaks off fails the command, which sees an early end', async () => {
    async function* input() {
      yield Buffer.from('half')
      throw new Error('the source broke')
    }

    await expect(run(`cat > ${sshd.folder}/received`, { input: input() })).rejects.toThrow('the source broke')
  })

  test('is empty when there is none', async () => {
    expect(await run('cat; echo done')).toEqual({ stdout: 'done\n' })
  })
})

describe('a command that succeeds', () => {
  test('may have ended before its start was noticed', async () => {
    // All in one packet of TCP.
    const onCommand = (channel: ServerChannel, _client: unknown, command: string) => {
      channel.write(provenOutput(command, 'quick\n'))
      channel.exit(0)
      channel.end()
    }
    await using odd = await startOddServer(sshd, { onCommand })

    expect(await odd.session.run('echo quick', { timeoutMs: 5000 })).toEqual({ stdout: 'quick\n' })
  })
})

describe('a command that fails', () => {
  test('tells its exit status and the last line of its standard error', async () => {
    const error = await failure(run('echo fine; echo "no such unit" >&2; exit 3'))

    expect(error.code).toBe('COMMAND_FAILED')
    expect(error.message).toBe('The command on web-1 ended with exit status 3: no such unit')
    expect(error.details).toMatchObject({ host: 'web-1', exitCode: 3 })
    expect(new Set(error.details.lastLines as string[])).toEqual(new Set(['fine', 'no such unit']))
  })

  test('tells the signal that killed it', async () => {
    const error = await failure(run('kill -KILL $$'))

    expect(error.code).toBe('COMMAND_FAILED')
    expect(error.message).toBe('The command on web-1 ended with exit status 137 (SIGKILL)')
    expect(error.details).toMatchObject({ exitCode: 137 })
  })

  test('has not succeeded when it ends without an exit status', async () => {
    await using odd = await startOddServer(sshd, { onCommand: (channel) => channel.close() })

    const error = await failure(odd.session.run('true', { timeoutMs: 5000 }))

    expect(error.code).toBe('COMMAND_FAILED')
    expect(error.message).toBe('The command on web-1 ended without an exit status')
  })

  test('is told from one that the machine does not start', async () => {
    await using strict = await startSshd({ settings: ['MaxSessions 0'] })
    await using session = await createSsh(strict.options, { env: {} }).connect(strict.target)

    const error = await failure(session.run('true', { timeoutMs: 5000 }))

    expect(error.code).toBe('SSH_CHANNEL_REFUSED')
    expect(error.message).toContain('web-1 did not start the command')
  })
})

test('commands wait for one another where sshd allows one at a time', async () => {
  await using strict = await startSshd({ settings: ['MaxSessions 1'] })
  await using session = await createSsh(strict.options, { env: {} }).connect(strict.target)
  const echo = (word: string) => session.run(`echo ${word}`, { timeoutMs: 20_000 })

  const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(echo))

  expect(answers.map(({ stdout }) => stdout)).toEqual(['a\n', 'b\n', 'c\n', 'd\n', 'e\n'])
})

describe('a command that is cut off', () => {
  test('by its time limit is ended, with what it started', async () => {
    const error = await failure(run('sleep 60 & echo $$ $! >&2; wait', { timeoutMs: 2000 }))

    expect(error.code).toBe('COMMAND_TIMED_OUT')
    expect(error.message).toMatch(/The command on web-1 was ended: it took longer than 2 s: \d+ \d+/)
    for (const pid of error.message.split(': ').at(-1)!.split(' ')) await gone(pid)
  })

  test.each([
    ["a user's", { isOwn: false }],
    ["Vesemir's own", { isOwn: true }],
  ])('is ended by force where it does not listen, though the shell that started it does (%s)', async (_, { isOwn }) => {
    const script = '(trap "" TERM; exec sleep 60) & echo $! >&2; wait'

    const error = await failure(run(script, { timeoutMs: 1000, isOwn }))

    expect(error.code).toBe('COMMAND_TIMED_OUT')
    await gone(error.message.split(': ').at(-1)!)
  })

  test('by its caller is ended, and passes nothing on any more', async () => {
    const controller = new AbortController()
    let pid = ''
    const onLine = (line: LogLine) => {
      expect(pid).toBe('')
      pid = line.text
      controller.abort(new Error('cancelled'))
    }

    const running = run('echo $$; while :; do echo more; done', { onLine, signal: controller.signal })

    await expect(running).rejects.toThrow('cancelled')
    await gone(pid)
  })

  test('is not started at all when it was given up before', async () => {
    await expect(run('true', { signal: AbortSignal.abort(new Error('cancelled')) })).rejects.toThrow('cancelled')
  })

  test('by the end of the session is ended', async () => {
    const { promise: started, resolve } = Promise.withResolvers<string>()
    const other = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
    const running = failure(other.run('echo $$; sleep 60', { timeoutMs: 20_000, onLine: (line) => resolve(line.text) }))
    const pid = await started

    await other[Symbol.asyncDispose]()

    expect((await running).code).toBe('SSH_CONNECTION_LOST')
    await gone(pid)
  })
})

/** Finds the process of sshd that serves the connection: the parent of the shell that runs a script's own. */
const findServer = 'read -r _ _ _ server _ < /proc/$PPID/stat'

describe('a connection that is lost', () => {
  test('fails what runs on it, and what comes after, and ends the command', async () => {
    const { promise: started, resolve } = Promise.withResolvers<string[]>()
    const other = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
    const onLine = (line: LogLine) => resolve(line.text.split(' '))
    const running = failure(other.run(`${findServer}; echo $server $$; sleep 60`, { timeoutMs: 20_000, onLine }))
    const [server = '', command = ''] = await started

    process.kill(Number(server), 'SIGKILL')

    expect((await running).code).toBe('SSH_CONNECTION_LOST')
    await other.closed
    expect((await failure(other.run('true', { timeoutMs: 5000 }))).code).toBe('SSH_CONNECTION_LOST')
    const url = { address: '127.0.0.1', port: sshd.target.port, path: '/' }
    expect((await failure(other.httpGet(url, { timeoutMs: 5000 }))).code).toBe('SSH_CONNECTION_LOST')
    await gone(command)
    await other[Symbol.asyncDispose]()
  })

  test('is noticed when the machine falls silent', async () => {
    await using silent = await startSshd()
    const options = { ...silent.options, keepAliveInterval: '50ms' }
    await using other = await createSsh(options, { env: {} }).connect(silent.target)
    const { stdout: server } = await other.run(`${findServer}; echo $server`, { timeoutMs: 5000 })

    process.kill(Number(server), 'SIGSTOP')

    await other.closed
    process.kill(Number(server), 'SIGKILL')
    expect((await failure(other.run('true', { timeoutMs: 5000 }))).message).toContain('Keepalive timeout')
  })
})

describe('quoting', () => {
  test('brings any string through the shell unchanged', async () => {
    const strings = fc.array(
      fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => !text.includes('\0')),
      {
        minLength: 1,
        maxLength: 20,
      },
    )
    const hostile = [
      "'",
      '"',
      '$(reboot)',
      '`reboot`',
      '\\',
      "'\\''",
      '\n',
      '!!',
      '~',
      '*',
      '-n',
      '',
      ' ',
      '%s',
      '\u2028',
      '$IFS',
    ]

    await fc.assert(
      fc.asyncProperty(strings, async (words) => {
        const { stdout } = await run(`printf '%s\\0' ${words.map(shellQuote).join(' ')}`)
        expect(stdout.split('\0').slice(0, -1)).toEqual(words)
      }),
      { numRuns: 50, examples: [[hostile]] },
    )
  })

  test('keeps the values of environment variables as they are', async () => {
    const env = { VESEMIR_A: `it's $(id) \`id\` "x" \\ \n; exit 7`, VESEMIR_B: '', VESEMIR_C: 'é €' }

    const { stdout } = await run(`printf '%s|' "$VESEMIR_A" "$VESEMIR_B" "$VESEMIR_C"`, { env })

    expect(stdout).toBe(`${env.VESEMIR_A}||é €|`)
  })

  test('refuses what cannot be passed', async () => {
    await expect(run('true', { env: { 'A; id': '' } })).rejects.toThrow('cannot be the name of an environment variable')
    await expect(run('true', { env: { A: 'x\0y' } })).rejects.toThrow('NUL')
  })
})
