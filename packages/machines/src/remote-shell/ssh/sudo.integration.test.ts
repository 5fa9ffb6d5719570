import { isVesemirError, type RunOptions } from '@vesemir/core'
import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSsh } from './create-ssh.ts'
import type { SshOptions } from './ssh-options.ts'
import { failOnLeaks } from '@vesemir/testing/fail-on-leaks'
import { startSshd, type Sshd } from './testing/start-sshd.ts'

// Making users takes root.
const isRoot = userInfo().uid === 0
const user = `vesemir-sudo-${process.pid}`
const password = `pass word'"$(id)\\ ${process.pid}`
const sudoers = `/etc/sudoers.d/${user}`

let sshd: Sshd
beforeAll(async () => {
  if (!isRoot) return
  execFileSync('useradd', ['-m', '-s', '/bin/sh', user])
  execFileSync('chpasswd', { input: `${user}:${password}\n` })
  sshd = await startSshd({ settings: ['LogLevel DEBUG1'] })
  chmodSync(sshd.folder, 0o755)
})
afterAll(async () => {
  if (!isRoot) return
  await sshd[Symbol.asyncDispose]()
  rmSync(sudoers, { force: true })
  execFileSync('userdel', ['-r', user], { stdio: 'ignore' })
})
failOnLeaks()

function allow(rule: string, defaults = '') {
  writeFileSync(sudoers, `${defaults && `Defaults:${user} ${defaults}\n`}${rule && `${user} ${rule}\n`}`, {
    mode: 0o440,
  })
}

type Sudo = NonNullable<SshOptions['sudo']>
const withPassword: Sudo = { user: 'root', passwordVariable: 'SUDO_PASSWORD' }
const withoutPassword: Sudo = { user: 'root' }

function connect(sudo: Sudo, env: Record<string, string> = { SUDO_PASSWORD: password }) {
  return createSsh({ ...sshd.options, sudo }, { env }).connect({ ...sshd.target, user })
}

async function runOn(sudo: Sudo, script: string, options: Partial<RunOptions> = {}) {
  await using session = await connect(sudo)
  return await session.run(script, { timeoutMs: 20_000, ...options })
}

async function failure(running: Promise<unknown>) {
  const outcome = await running.catch((error: unknown) => error)
  if (!isVesemirError(outcome)) throw outcome
  return outcome
}

async function* input(text: string) {
  yield Buffer.from(text)
}

describe.runIf(isRoot)('commands by sudo', () => {
  test.each([
    ['without a password', withoutPassword, 'ALL=(ALL) NOPASSWD: ALL', ''],
    ['without a password, for the shell alone', withoutPassword, 'ALL=(root) NOPASSWD: /bin/sh', ''],
    ['with a password', withPassword, 'ALL=(ALL) ALL', ''],
    ['with a password that is asked for every time', withPassword, 'ALL=(ALL) ALL', 'timestamp_timeout=0'],
    ['with a password that sudo does not want', withPassword, 'ALL=(ALL) NOPASSWD: ALL', ''],
    ['with a password, on a pseudo-terminal', withPassword, 'ALL=(ALL) ALL', 'use_pty'],
    ['with a password, lectured', withPassword, 'ALL=(ALL) ALL', 'lecture=always'],
  ])('run %s, and get their input and environment whole', async (_, sudo, rule, defaults) => {
    allow(rule, defaults)
    await using session = await connect(sudo)

    const first = await session.run('id -un; cat; echo "$VESEMIR_A $TOKEN"', {
      timeoutMs: 20_000,
      env: { VESEMIR_A: "it's" },
      secretEnv: { TOKEN: 'secret' },
    })
    const second = await session.run('id -un; cat', { timeoutMs: 20_000, input: input('one\ntwo\n') })

    expect(first.stdout).toBe("root\nit's secret\n")
    expect(second.stdout).toBe('root\none\ntwo\n')
    const runOwn = () => session.run('id -un; echo $$', { timeoutMs: 20_000, isOwn: true })
    const own = await runOwn()
    expect(own.stdout).toMatch(/^root\n\d+\n$/)
    expect(await runOwn()).toEqual(own)
  })

  test('run as another user than root', async () => {
    allow('ALL=(nobody) NOPASSWD: ALL')

    expect((await runOn({ user: 'nobody' }, 'id -un')).stdout).toBe('nobody\n')
  })

  test('take the password from a file', async () => {
    allow('ALL=(ALL) ALL')
    const passwordFile = join(sshd.folder, 'password')
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })

    expect((await runOn({ user: 'root', passwordFile }, 'id -un')).stdout).toBe('root\n')
  })

  test.each([
    ['no pseudo-terminal', '', false],
    ['a pseudo-terminal', 'use_pty', false],
    ["Vesemir's own, no pseudo-terminal", '', true],
    ["Vesemir's own, a pseudo-terminal", 'use_pty', true],
  ])('are ended with all that they started when they are given up (%s)', async (_, defaults, isOwn) => {
    allow('ALL=(ALL) ALL', defaults)
    await using session = await connect(withPassword)
    const caller = new AbortController()
    let pids: string[] = []
    if (isOwn) await session.run(':', { timeoutMs: 20_000, isOwn })

    const running = session.run('sleep 61 & echo $$ $!; wait', {
      timeoutMs: 20_000,
      isOwn,
      signal: caller.signal,
      onLine({ text }) {
        pids = text.split(' ')
        caller.abort(new Error('given up'))
      },
    })

    await expect(running).rejects.toThrow('given up')
    expect(pids).toHaveLength(2)
    for (const pid of pids) await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  })
})

describe.runIf(isRoot)('sudo that refuses', () => {
  test.each([
    ['the password', withPassword, { SUDO_PASSWORD: 'wrong' }, 'ALL=(ALL) ALL', /incorrect password attempt/],
    ['to go without a password', withoutPassword, {}, 'ALL=(ALL) ALL', /a password is required/],
    ['the user', withPassword, { SUDO_PASSWORD: password }, '', / is not in the sudoers file/],
    ['the command', withoutPassword, {}, 'ALL=(ALL) NOPASSWD: /bin/ls', /a password is required/],
  ])('%s is told from a command that fails', async (_, sudo, env, rule, words) => {
    allow(rule)
    await using session = await connect(sudo, env)

    const error = await failure(session.run('id', { timeoutMs: 20_000 }))

    expect(error).toMatchObject({
      code: 'SUDO_REFUSED',
      message: expect.stringContaining(`${user} may not run commands as root on web-1: `) as string,
    })
    expect(error.message).toMatch(words)
  })
})

test.runIf(isRoot)('the password is nowhere to be seen', async () => {
  allow('ALL=(ALL) ALL')
  const lines: string[] = []
  await using session = await connect(withPassword)

  const { stdout } = await session.run('cat; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ; exit 0', {
    timeoutMs: 20_000,
    input: input('given\n'),
    onLine: ({ text }) => lines.push(text),
  })
  const error = await failure(session.run('cat >&2; exit 3', { timeoutMs: 20_000, input: input('given\n') }))

  expect(lines).toContain('given')
  for (const place of [stdout, lines.join('\n'), JSON.stringify([error.message, error.details]), sshd.log()])
    expect(place).not.toContain(password)
})

test.each([
  [{ user: 'root', passwordVariable: 'SUDO_PASSWORD' }, 'sudo.passwordVariable: the environment has no SUDO_PASSWORD'],
  [
    { user: 'root', passwordFile: '/nonexistent/password' },
    'sudo.passwordFile: /nonexistent/password cannot be read: ENOENT',
  ],
  [{ user: 'root', passwordFile: '/dev/null' }, 'sudo: a password is one line of text'],
])('a password that is not there is a mistake in the settings: %j', async (sudo, message) => {
  await using own = await startSshd()

  expect(() => createSsh({ ...own.options, sudo }, { env: {} })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message }),
  )
})

function isAlive(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
