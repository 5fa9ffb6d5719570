import { isVesemirError, type RunOptions } from '@vesemir/core'
import type { LogLine } from '@vesemir/contract'
import fc from 'fast-check'
import { existsSync, mkdtempSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failOnLeaks } from '@vesemir/testing/fail-on-leaks'
import { shellQuote } from '../shell-quote.ts'
import { createSsh } from './create-ssh.ts'
import type { SshSession } from './ssh-session.ts'
import { startSshd, type Sshd } from './testing/start-sshd.ts'

failOnLeaks()

const timeoutMs = 20_000

const runIn =
  (session: SshSession) =>
  (script: string, options: Partial<RunOptions> = {}) =>
    session.run(script, { timeoutMs, isOwn: true, ...options })

async function failure(running: Promise<unknown>) {
  const outcome = await running.catch((error: unknown) => error)
  if (!isVesemirError(outcome)) throw outcome
  return outcome
}

/** What may be a machine's `sh`. */
const shells = ['/bin/dash', '/bin/bash', '/bin/busybox', '/bin/mksh', '/bin/ksh93', '/bin/zsh'].filter(existsSync)

describe.for(shells)("scripts of Vesemir's own, where sh is %s", (shell) => {
  let sshd: Sshd
  let session: SshSession
  let run: ReturnType<typeof runIn>
  beforeAll(async () => {
    const bin = mkdtempSync('/tmp/vesemir-sh-')
    symlinkSync(shell, join(bin, 'sh'))
    sshd = await startSshd({ settings: [`SetEnv PATH=${bin}:/usr/local/bin:/usr/bin:/bin TMOUT=1`] })
    session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
    run = runIn(session)
  })
  afterAll(async () => {
    await session[Symbol.asyncDispose]()
    await sshd[Symbol.asyncDispose]()
  })

  test('run in one shell, one after the other, and know nothing of one another', async () => {
    const first = await run(
      'cd /; set -f; secret=1; f() { :; }; trap "echo mine" TERM; export OTHER=1; IFS=x; echo $$ $PPID',
    )
    const second = await run('echo $$ $PPID; pwd; echo "$# $- ${secret-none} ${OTHER-none} $OWN"; f', {
      env: { OWN: 'own' },
    }).catch((error: unknown) => error)

    expect(second).toMatchObject({ code: 'COMMAND_FAILED', details: { exitCode: 127 } })
    const { lastLines } = (second as { details: { lastLines: string[] } }).details
    expect(`${lastLines[0]}\n`).toBe(first.stdout)
    expect(lastLines[1]).not.toBe('/')
    expect(lastLines[2]).toMatch(/^0 [^f]* none none own$/)
  })

  test('tell how they ended, and their output is whole by then', async () => {
    for (const [script, status] of [
      ['false', 1],
      ['f() { exit 3; }; f', 3],
      ['set -e; sh -c "exit 5"; echo not reached', 5],
      ['if then', expect.toSatisfy((told: number) => told > 0)],
    ])
      expect(await failure(run(script as string))).toMatchObject({
        code: 'COMMAND_FAILED',
        details: { exitCode: status },
      })
    const lines: LogLine[] = []
    const many = 'n=0; while [ $n -lt 3000 ]; do n=$((n + 1)); echo "error $n" >&2; done; echo done'
    const { stdout } = await run(many, { onLine: (line) => void lines.push(line) })

    expect(stdout).toBe('done\n')
    expect(lines.filter(({ stream }) => stream === 'stderr').at(-1)).toEqual({ stream: 'stderr', text: 'error 3000' })
  })

  test('have any words come through unchanged', async () => {
    const words = fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { minLength: 1, maxLength: 20 })
    const hostile = ["'", '"', '$(id)', '`id`', '\\', "'\\''", '\n', '!!', '-n', '', ' ', '%s', '$IFS', 'exit']
    await run(':')

    await fc.assert(
      fc.asyncProperty(words, async (given) => {
        const words = given.map((word) => word.replaceAll('\0', ''))
        const { stdout } = await run(`printf '%s\\0' ${words.map(shellQuote).join(' ')}`)
        expect(stdout.split('\0').slice(0, -1)).toEqual(words)
      }),
      { numRuns: 15, examples: [[hostile], [['exit\nexit\n']]] },
    )
  })

  test('are ended with their time, with what they started; and the next has another shell', async () => {
    const { stdout: before } = await run('echo $$')
    const pids: string[] = []
    const onLine = ({ text }: LogLine) => void pids.push(text)

    const error = await failure(run('sleep 60 & echo $!; wait', { timeoutMs: 500, onLine }))
    const { stdout: after } = await run('echo $$')

    expect(error.code).toBe('COMMAND_TIMED_OUT')
    expect(after).not.toBe(before)
    await run(`while grep -q '^State:.[^Z]' /proc/${pids[0]}/status 2>/dev/null; do sleep 0.02; done`)
  })

  test('and others may take longer than the shell would wait for a person', async () => {
    const { stdout: before } = await run('echo $$')
    await session.run('sleep 1.5', { timeoutMs })

    expect((await run('sleep 1.5; echo $$')).stdout).toBe(before)
  })
})

describe("the shell that is kept for Vesemir's own scripts", () => {
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(async () => {
    await sshd[Symbol.asyncDispose]()
  })

  test('has one at a time: others at the same time have one each', async () => {
    await using session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
    const run = runIn(session)
    const answers = await Promise.all(['a', 'b', 'c'].map((word) => run(`echo ${word} $$`)))

    const told = answers.map(({ stdout }) => stdout.trim().split(' '))
    expect(told.map(([word]) => word)).toEqual(['a', 'b', 'c'])
    expect(new Set(told.map(([, pid]) => pid)).size).toBe(3)
    expect((await run('echo $$')).stdout.trim()).toBe(told[0]![1])
  })

  test('is started again where it was killed', async () => {
    await using session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
    const run = runIn(session)
    const { stdout: first } = await run('echo $$')
    process.kill(Number(first), 'SIGKILL')

    expect((await run('echo here')).stdout).toBe('here\n')
    expect((await failure(run('echo $$; kill -KILL $$; exec sleep 5'))).message).toContain('was killed by')
    expect((await run('echo here')).stdout).toBe('here\n')
  })

  test('makes room where sshd allows one command at a time', async () => {
    await using strict = await startSshd({ settings: ['MaxSessions 1', 'AllowTcpForwarding no'] })
    await using session = await createSsh(strict.options, { env: {} }).connect(strict.target)
    const run = runIn(session)
    await run(':')

    await session.tcpProbe({ address: '127.0.0.1', port: strict.target.port }, { timeoutMs })
    const answers = await Promise.all([session.run('echo a', { timeoutMs }), run('echo b'), run('echo c')])

    expect(answers.map(({ stdout }) => stdout)).toEqual(['a\n', 'b\n', 'c\n'])
  })

  test('is gone with the session, and what runs in it', async () => {
    const session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
    const run = runIn(session)
    const { promise: started, resolve } = Promise.withResolvers<string>()
    const running = failure(run('echo $$ $!; sleep 60', { onLine: ({ text }) => resolve(text) }))
    const pid = (await started).trim()
    await session[Symbol.asyncDispose]()

    expect((await running).code).toBe('SSH_CONNECTION_LOST')
    await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 10_000 }).toBe(false)
  })

  test.for([
    ['merges its streams', 'sh -c "$SSH_ORIGINAL_COMMAND" 2>&1'],
    ['merges its streams in a pipe', 'sh -c "$SSH_ORIGINAL_COMMAND" 2>&1 | tee /dev/null'],
    ['drops standard error', 'sh -c "$SSH_ORIGINAL_COMMAND" 2>/dev/null'],
    ['records a terminal', 'script -qec "$SSH_ORIGINAL_COMMAND" /dev/null'],
  ])('is not kept where a ForceCommand %s', async ([, wrapper]) => {
    await using wrapped = await startSshd({ settings: [`ForceCommand ${wrapper}`] })
    await using session = await createSsh(wrapped.options, { env: {} }).connect(wrapped.target)
    const run = (script: string) => session.run(script, { timeoutMs: 5000, isOwn: true })

    expect((await run('echo one; echo error >&2')).stdout).toMatch(/^one\r?\n(error\r?\n)?$/)
    const long = `: ${'x'.repeat(5000)}\necho two`
    expect((await run(long)).stdout).toMatch(/^two\r?\n$/)
    expect(await failure(run('exit 3'))).toMatchObject({ code: 'COMMAND_FAILED', details: { exitCode: 3 } })
  })

  test('gives all of standard error to a slow listener', async () => {
    await using session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
    const lines: string[] = []
    const onLine = ({ text }: LogLine) =>
      lines.push(text) % 20_000 === 1 ? new Promise<void>((resolve) => setTimeout(resolve, 700)) : undefined
    await runIn(session)('n=0; while [ $n -lt 60000 ]; do n=$((n + 1)); echo "error $n" >&2; done', { onLine })

    expect(lines).toHaveLength(60_000)
  })

  test('has the end of a script wait for whoever takes its lines, and the end of the session for nobody', async () => {
    const session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
    const run = runIn(session)
    const { promise: goOn, resolve: release } = Promise.withResolvers<void>()
    const { promise: asked, resolve } = Promise.withResolvers<void>()
    const onLine = () => {
      resolve()
      return goOn
    }
    let isOver = false
    const running = run('echo line >&2; echo line', { onLine }).then(() => (isOver = true))
    await asked
    await run('echo apart')
    expect(isOver).toBe(false)
    release()
    await running
    void run('echo line; sleep 20', { onLine: () => new Promise(() => {}), timeoutMs: 300 }).catch(() => {})
    await run('sleep 0.4')
    await session[Symbol.asyncDispose]()
  })
})
