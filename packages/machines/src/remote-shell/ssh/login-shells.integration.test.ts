import { isVesemirError, type RunOptions } from '@vesemir/core'
import type { LogLine } from '@vesemir/contract'
import fc from 'fast-check'
import { writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shellQuote } from '../shell-quote.ts'
import { failOnLeaks } from '@vesemir/testing/fail-on-leaks'
import { canMakeUsers, startLogin } from './testing/start-login.ts'
import { startSshd } from './testing/start-sshd.ts'
import { createSsh } from './create-ssh.ts'

let login: Awaited<ReturnType<typeof startLogin>>
beforeAll(async () => {
  login = await startLogin()
})
afterAll(async () => {
  await login[Symbol.asyncDispose]()
})
failOnLeaks()

async function run(script: string, options: Partial<RunOptions> = {}) {
  await using session = await login.connect()
  return await session.run(script, { timeoutMs: 10_000, ...options })
}

async function failure(running: Promise<unknown>) {
  const outcome = await running.catch((error: unknown) => error)
  if (!isVesemirError(outcome)) throw outcome
  return outcome
}

async function* input(text: string) {
  yield Buffer.from(text)
}

// BusyBox takes its name for the program that it is to be.
const busyBox = '/bin/vesemir-busybox-sh'
beforeAll(() => {
  if (canMakeUsers) writeFileSync(busyBox, '#!/bin/busybox sh\nexec busybox sh "$@"\n', { mode: 0o755 })
})

const greeting = "echo 'Welcome to prod!'; printf 'prompt> '\n"

/** Login shells, each with a start-up file that it reads for a command of sshd's, where it has one. */
const shells: [string, Record<string, string>][] = [
  ['/bin/bash', { '.bashrc': greeting }],
  ['/bin/dash', {}],
  ['/bin/zsh', { '.zshenv': greeting }],
  ['/usr/bin/fish', { '.config/fish/config.fish': greeting }],
  ['/bin/tcsh', { '.tcshrc': "echo 'Welcome to prod\\!'\nprintf 'prompt> '\n" }],
  ['/bin/ksh93', {}],
  ['/bin/mksh', {}],
  [busyBox, {}],
]

describe.runIf(canMakeUsers).for(shells)('a script, for a user whose login shell is %s,', ([shell, files]) => {
  beforeAll(() => login.setUp(shell, files))

  test('has any words come through unchanged', async () => {
    await using session = await login.connect()
    const character = fc.oneof(
      fc.constantFrom(...`'"\\$\`!*?~#&|;<>(){}[]=%^@: \t\r\n`.split('')),
      fc.constantFrom('é', '€', '\u{1f600}', '\u2028', '\u0085', '\u001b', '\u0001', '\u007f'),
      fc.integer({ min: 1, max: 0x2ff }).map((code) => String.fromCodePoint(code)),
    )
    const words = fc.array(fc.string({ unit: character, maxLength: 40 }), { minLength: 1, maxLength: 40 })
    const hostile = [
      "'",
      '"',
      '\\',
      '\\\\',
      "\\'",
      '!',
      '!!',
      '!$',
      '\n',
      '\\\n',
      '$(id)',
      '`id`',
      '',
      ' ',
      '-n',
      '*',
      '~',
    ]

    await fc.assert(
      fc.asyncProperty(words, async (words) => {
        const { stdout } = await session.run(`printf '%s\\0' ${words.map(shellQuote).join(' ')}`, { timeoutMs: 10_000 })
        expect(stdout.split('\0').slice(0, -1)).toEqual(words)
      }),
      { numRuns: 15, examples: [[hostile]] },
    )
  })

  test('gets its environment and input, and gives its output and exit status, as if it were alone', async () => {
    const lines: LogLine[] = []
    const onLine = (line: LogLine) => void lines.push(line)
    const script = 'if ! false; then echo "$GREETING"; fi\ncat\nprintf "no end" >&2\nexit 3'

    const error = await failure(run(script, { env: { GREETING: "it's\n\\!" }, input: input('one\n'), onLine }))

    expect(error.message).toBe('The command on web-1 ended with exit status 3: no end')
    expect(lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text)).toEqual(["it's", '\\!', 'one'])
  })

  test('may be as long as a command line of the system', async () => {
    const word = 'x'.repeat(30_000)

    expect((await run(`printf %s ${word}\n: line\n: line\nprintf %s ${word}`)).stdout).toBe(word + word)
  })

  test('that asks for its input is heard, whatever the start-up files print', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>()
    async function* whenAsked() {
      await asked
      yield Buffer.from('answer\n')
    }
    const onLine = ({ text }: LogLine) => text === 'question' && resolve()

    const { stdout } = await run('echo question; read -r line; echo "$line"', {
      input: whenAsked(),
      onLine: (line) => void onLine(line),
    })

    expect(stdout).toBe('question\nanswer\n')
  })
})

describe.runIf(canMakeUsers)('a script to converse with', () => {
  test('is heard from its own beginning, whatever the start-up files print', async () => {
    login.setUp('/bin/bash', { '.bashrc': greeting })
    await using session = await login.connect()

    const stream = await session.openScript('exec cat')
    stream.end('hello')

    expect(await text(stream)).toBe('hello')
  })

  test('that is not run says what the host said', async () => {
    login.setUp('/usr/sbin/nologin')
    await using session = await login.connect()

    const error = await failure(session.openScript('exec cat'))

    expect(error.code).toBe('SCRIPT_NOT_RUN')
    expect(error.message).toContain('This account is currently not available.')
  })
})

describe.runIf(canMakeUsers)('a script that is not run', () => {
  test.for([
    ['a login shell that does nothing', '/bin/true', {}, 'exit status 0, and said nothing'],
    ['a login shell that fails', '/bin/false', {}, 'exit status 1, and said nothing'],
    ['nologin', '/usr/sbin/nologin', {}, 'exit status 1, and said: This account is currently not available.'],
    ['an exit in .bashrc', '/bin/bash', { '.bashrc': 'echo "Maintenance until 6"; exit\n' }, 'Maintenance until 6'],
    ['a silent exit in .bashrc', '/bin/bash', { '.bashrc': 'exit 0\n' }, 'exit status 0, and said nothing'],
    ['an exec in .bashrc', '/bin/bash', { '.bashrc': 'exec true\n' }, 'exit status 0, and said nothing'],
    ['a restricted shell', '/bin/rbash', {}, 'exec: restricted'],
  ] as const)('because of %s has not succeeded, and the host’s reason is told', async ([, shell, files, reason]) => {
    login.setUp(shell, files)

    for (const script of ['true', 'exit 0', 'echo done']) {
      const error = await failure(run(script))

      expect(error.code).toBe('SCRIPT_NOT_RUN')
      expect(error.message).toMatch(/^web-1 did not run the script: what it ran instead ended with exit status \d/)
      expect(error.message).toContain(reason)
    }
  })

  test('because .bashrc waits for someone shows what it asks', async () => {
    login.setUp('/bin/bash', { '.bashrc': 'printf "Which screen? "; read -r screen\n' })

    const error = await failure(run('true', { timeoutMs: 500 }))

    expect(error.code).toBe('COMMAND_TIMED_OUT')
    expect(error.message).toContain('before the script began, and said: Which screen?')
  })

  test.for([
    ['ForceCommand echo', 'ForceCommand echo hello', 'hello'],
    ['a ForceCommand that prints what it was to run', 'ForceCommand echo "$SSH_ORIGINAL_COMMAND"', 'exec sh -c'],
    ['a ForceCommand that says why', 'ForceCommand echo "use the bastion"; exit 1', 'use the bastion'],
    ['internal-sftp alone', 'ForceCommand internal-sftp', 'This service allows sftp connections only.'],
  ] as const)('because of %s has not succeeded', async ([, setting, reason]) => {
    await using forced = await startSshd({ settings: [setting] })
    await using session = await createSsh(forced.options, { env: {} }).connect(forced.target)

    for (const script of ['true', 'exit 1']) {
      const error = await failure(session.run(script, { timeoutMs: 10_000 }))

      expect(error.code).toBe('SCRIPT_NOT_RUN')
      expect(error.message).toContain(reason)
    }
  })
})

describe('a wrapper by ForceCommand', () => {
  test('that runs the script and loses its exit status does not turn a failure into a success', async () => {
    await using forced = await startSshd({
      settings: ['ForceCommand sh -c "$SSH_ORIGINAL_COMMAND"; echo logged; exit 0'],
    })
    await using session = await createSsh(forced.options, { env: {} }).connect(forced.target)

    expect((await failure(session.run('exit 4', { timeoutMs: 10_000 }))).message).toContain('exit status 4')
    expect((await session.run('echo fine', { timeoutMs: 10_000 })).stdout).toContain('fine\n')
  })
})

describe('a script that ends in its own way', () => {
  test.for([
    ['by exec', 'exec sh -c "echo last; exit 0"', 'last\n'],
    ['with a trap of its own', 'trap "echo bye" EXIT; echo hi', 'hi\nbye\n'],
    ['in the middle of a line', 'printf "no end"', 'no end'],
    ['with its output closed', 'echo before; exec >&- 2>&-', 'before\n'],
    ['having changed what shells share', 'IFS=x; set -e; set -u; set -f; cd /; exec 3>&1 4>&1; echo fine', 'fine\n'],
  ] as const)('%s has run to its end', async ([, script, printed]) => {
    await using sshd = await startSshd()
    await using session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)

    expect((await session.run(script, { timeoutMs: 10_000 })).stdout).toBe(printed)
  })

  test.for([
    ['by a signal to itself', 'kill $$; echo too far', 'exit status 143 (SIGTERM)'],
    ['by a syntax error', 'if true; then', 'exit status 2'],
    ['by set -e', 'set -e; false; echo too far', 'exit status 1'],
    ['by a command that is not there', 'exec no-such-command', 'exit status 127'],
  ] as const)('%s has failed', async ([, script, how]) => {
    await using sshd = await startSshd()
    await using session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
    const lines: string[] = []

    const error = await failure(session.run(script, { timeoutMs: 10_000, onLine: ({ text }) => void lines.push(text) }))

    expect(error.code).toBe('COMMAND_FAILED')
    expect(error.message).toContain(how)
    expect(lines.join('\n')).not.toContain('too far')
  })
})
