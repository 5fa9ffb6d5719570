import type { LogLine, Service } from '@vesemir/contract'
import { isVesemirError } from '@vesemir/core'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createSsh, type SshSession } from '../remote-shell/index.ts'
import { startRunit } from '@vesemir/testing/start-runit'
import { startSshd, type Sshd } from '../remote-shell/ssh/testing/start-sshd.ts'
import { createServiceManagers } from './index.ts'
import { startSystemd } from '@vesemir/testing/start-systemd'

let sshd: Sshd
let session: SshSession
let folder: string
beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(async () => {
  await sshd[Symbol.asyncDispose]()
})
beforeEach(async () => {
  folder = mkdtempSync(join(sshd.folder, 'case-'))
  mkdirSync(join(folder, 'bin'))
  session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
})
afterEach(async () => {
  await session[Symbol.asyncDispose]()
})

/** Puts a program before all others on the host's PATH. */
function program(name: string, script: string): void {
  const path = join(folder, 'bin', name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}

/** What became of the service, and what the host printed meanwhile. */
async function run(service: Service, act: 'restart' | 'tailLog', { env = {} }: { env?: Record<string, string> } = {}) {
  const lines: string[] = []
  const context = {
    session: Object.assign(Object.create(session) as SshSession, { target: { ...session.target, name: 'case-1' } }),
    env: { ...env, PATH: `${folder}/bin:${process.env.PATH}` },
    onLine: ({ text }: LogLine) => void lines.push(text),
    signal: new AbortController().signal,
  }
  try {
    return { note: await createServiceManagers()(service)[act](service, context), lines }
  } catch (error) {
    if (!isVesemirError(error)) throw error
    return { error, lines }
  }
}

describe('a service of runit', () => {
  const serviceOf = (folder: string, sudo = false): Service => ({
    kind: 'runit',
    service: folder,
    sudo,
    timeout: '60s',
  })
  const pidFile = () => join(folder, 'shop', 'supervise', 'pid')

  test('is restarted, and runs with a new process', async () => {
    await using runit = await startRunit(folder, { run: 'exec sleep 1000' })
    const before = readFileSync(pidFile(), 'utf8').trim()

    const { lines } = await run(serviceOf(runit.folder), 'restart')

    const after = readFileSync(pidFile(), 'utf8').trim()
    expect(after).not.toBe(before)
    expect(lines).toEqual([`${runit.folder} runs, pid ${after}`])
  })

  test.for(['', 'sleep 0.05'])(
    'is restarted by the files of runsv where the user may use them, with a finish of "%s"',
    async (finish) => {
      program('sv', `echo "$1" >> ${folder}/asked; exec /usr/bin/sv "$@"`)
      await using runit = await startRunit(folder, { run: 'exec sleep 1000' })
      if (finish) writeFileSync(join(runit.folder, 'finish'), `#!/bin/sh\n${finish}\n`, { mode: 0o755 })

      const { lines } = await run(serviceOf(runit.folder), 'restart')

      const pid = readFileSync(pidFile(), 'utf8').trim()
      await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toBe('sleep\x001000\x00'))
      expect(lines).toEqual([`${runit.folder} runs, pid ${pid}`])
      // It is asked now and then, and to make sure that it is not finish which runs; never to restart.
      const asked = existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8') : ''
      expect(asked.replaceAll('status\n', '')).toBe('')
    },
  )

  test('whose runsv is gone, and has left its files, is named', async () => {
    await using runit = await startRunit(folder, { run: 'exec sleep 1000' })
    const pid = Number(readFileSync(pidFile(), 'utf8'))
    await runit.kill()

    const { error } = await run(serviceOf(runit.folder), 'restart')

    process.kill(pid)
    expect(error?.message).toContain(`${runit.folder}: runsv not running`)
  })

  test("is found where the host's own name is part of its folder", async () => {
    await using runit = await startRunit(join(folder, 'case-1'), { run: 'exec sleep 1000' })

    const { lines } = await run(serviceOf(join(folder, '{host}', 'shop')), 'restart')

    expect(lines[0]).toContain(`${runit.folder} runs, pid `)
  })

  test('is started when it was down', async () => {
    await using runit = await startRunit(folder, { run: 'exec sleep 1000' })
    await session.run(`sv down ${runit.folder}`, { timeoutMs: 10_000 })
    await vi.waitFor(() => expect(readFileSync(pidFile(), 'utf8')).toBe(''))

    const { lines } = await run(serviceOf(runit.folder), 'restart')

    expect(lines[0]).toMatch(/ runs, pid \d+$/)
  })

  test.for(['pause', 'once'])('is started again, to stay, after sv %s', async (command) => {
    await using runit = await startRunit(folder, { run: 'exec sleep 1000' })
    await session.run(`sv ${command} ${runit.folder}`, { timeoutMs: 10_000 })
    const state = () => session.run(`sv status ${runit.folder}`, { timeoutMs: 10_000 }).then(({ stdout }) => stdout)
    await vi.waitFor(async () => expect(await state()).toMatch(/, (?:paused|want down)/))

    const { lines } = await run(serviceOf(runit.folder), 'restart')

    expect(lines[0]).toMatch(/ runs, pid \d+$/)
    expect(await state()).toMatch(/^run: [^,]* \d+s\n$/)
  })

  test('is waited for while its old process takes its time', async () => {
    await using runit = await startRunit(folder, {
      run: `trap 'while [ -e ${folder}/busy ]; do sleep 0.02; done; exit 0' TERM; : > ${folder}/ready; while :; do sleep 0.02; done`,
    })
    await vi.waitFor(() => readFileSync(join(folder, 'ready')))
    writeFileSync(join(folder, 'busy'), '')

    const { error } = await run({ ...serviceOf(runit.folder), timeout: '300ms' }, 'restart')

    expect(error?.code).toBe('SERVICE_FAILED')
    expect(isVesemirError(error?.cause, 'COMMAND_TIMED_OUT')).toBe(true)
    await session.run(`rm ${folder}/busy`, { timeoutMs: 10_000 })
  })

  test('that is not there is named', async () => {
    const { error } = await run(serviceOf('/nonexistent/shop'), 'restart')

    expect(error?.message).toContain('/nonexistent/shop: unable to change to service directory')
  })

  test.for(['exec svlogd ./main', 'exec svlogd -tt "$PWD/main"'])(
    'shows its state and the last lines of its log: %s',
    async (log) => {
      await using runit = await startRunit(folder, {
        run: 'for i in $(seq 1 50); do echo "line $i"; done; exec sleep 1000',
        log: `mkdir -p main; ${log}`,
      })
      const current = join(runit.folder, 'log', 'main', 'current')
      await vi.waitFor(() => expect(readFileSync(current, 'utf8')).toContain('line 50'))

      const { lines } = await run(serviceOf(runit.folder), 'tailLog')

      expect(lines[0]).toMatch(/^run: .*: \(pid \d+\)/)
      expect(lines).toHaveLength(21)
      expect(lines.at(-1)).toMatch(/line 50$/)
    },
  )

  test('without a log shows its state', async () => {
    await using runit = await startRunit(folder, { run: 'exec sleep 1000' })

    const { error, lines } = await run(serviceOf(runit.folder), 'tailLog')

    expect(error).toBeUndefined()
    expect(lines).toEqual([expect.stringMatching(/^run: /)])
  })

  test('is reached through sudo, which never asks', async () => {
    program('sudo', `echo "$*" >> ${folder}/asked; shift; exec "$@"`)
    await using runit = await startRunit(folder, { run: 'exec sleep 1000' })

    await run(serviceOf(runit.folder, true), 'restart')

    const asked = readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n')
    expect(asked.slice(0, 3)).toEqual(['status', 'term', 'status'].map((command) => `-n sv ${command} ${runit.folder}`))
    expect(new Set(asked.slice(3))).toEqual(new Set([`-n sv status ${runit.folder}`]))
  })
})

describe('a unit of systemd', () => {
  const unit = (name: string, sudo = false): Service => ({
    kind: 'systemd',
    unit: name,
    user: false,
    sudo,
    timeout: '60s',
  })

  /** The real manager, for a user: what `systemctl` means is all that differs. */
  async function managed(units: Record<string, string>, skip: (why: string) => never) {
    const systemd = await startSystemd(folder, units)
    if (!systemd) return skip('systemd cannot run here')
    program('systemctl', 'exec /usr/bin/systemctl --user "$@"')
    // Journals are the machine's: a container has none.
    program('journalctl', 'echo "journal of $*"')
    return systemd
  }
  const running = 'ExecStart=/bin/sleep 1000'

  test('is restarted, and is active with a new process', async ({ skip }) => {
    await using systemd = await managed({ 'shop.service': running }, skip)

    const first = await run(unit('shop.service'), 'restart', systemd)
    const second = await run(unit('shop'), 'restart', systemd)

    expect(first.lines).toEqual([expect.stringMatching(/^shop.service is active \(running\), pid \d+$/)])
    expect(second.lines).toEqual([expect.stringMatching(/^shop is active \(running\), pid \d+$/)])
    expect(second.lines[0]!.match(/\d+/)).not.toEqual(first.lines[0]!.match(/\d+/))
  })

  test.for([
    // Whether systemctl still sees it fail, or it has failed after that, is a matter of milliseconds.
    // One that dies after systemd has executed it may be seen active before.
    ['cannot be executed', 'Type=exec\nExecStart=/nonexistent', /^Job for shop.service failed/],
    ['never gets ready', 'Type=notify\nRestart=on-failure\nExecStart=/bin/false', /^Job for shop.service failed/],
    ['does not stay', 'Type=exec\nExecStart=/bin/true', /^shop.service is inactive \(dead\): success/],
    ['runs once, and ends badly', 'Type=oneshot\nExecStart=/bin/false', /^Job for shop.service failed/],
  ] as const)('fails when it %s', async ([, text, words], { skip }) => {
    await using systemd = await managed({ 'shop.service': text }, skip)

    const { error, lines } = await run(unit('shop.service'), 'restart', systemd)

    expect(error?.code).toBe('SERVICE_FAILED')
    expect(isVesemirError(error?.cause, 'COMMAND_FAILED')).toBe(true)
    expect(lines[0]).toMatch(words)
  })

  test.for([
    ['has run to its end', '', 'shop.service ran to its end'],
    ['stays active after it', 'RemainAfterExit=yes', 'shop.service is active (exited), pid 0'],
  ] as const)('that runs once has succeeded when it %s', async ([, setting, words], { skip }) => {
    await using systemd = await managed({ 'shop.service': `Type=oneshot\nExecStart=/bin/true\n${setting}` }, skip)

    for (let restarts = 0; restarts < 2; restarts += 1) {
      const { error, lines } = await run(unit('shop.service'), 'restart', systemd)

      expect(error).toBeUndefined()
      expect(lines).toEqual([words])
    }
  })

  test("of the user's own manager is restarted there, and its journal is the user's", async ({ skip }) => {
    await using systemd = await managed({ 'shop.service': running }, skip)
    rmSync(join(folder, 'bin', 'systemctl'))
    const service: Service = { kind: 'systemd', unit: 'shop.service', user: true, sudo: false, timeout: '60s' }

    const restarted = await run(service, 'restart', systemd)
    const { lines } = await run(service, 'tailLog', systemd)

    expect(restarted.lines).toEqual([expect.stringMatching(/^shop.service is active \(running\), pid \d+$/)])
    expect(lines.at(-1)).toBe('journal of --user -u shop.service -n 20 --no-pager -q -o short-iso')
  })

  test('that is not there is named', async ({ skip }) => {
    await using systemd = await managed({}, skip)

    const { error } = await run(unit('shop.service'), 'restart', systemd)

    expect(error?.message).toContain('Unit shop.service not found')
  })

  test('shows its state and the end of its journal', async ({ skip }) => {
    await using systemd = await managed({ 'shop.service': 'Type=exec\nExecStart=/bin/false' }, skip)
    await run(unit('shop.service'), 'restart', systemd)

    const { lines } = await run(unit('shop.service'), 'tailLog', systemd)

    expect(lines).toEqual([
      'shop.service is failed (failed): exit-code, restarted by itself 0 times',
      'journal of -u shop.service -n 20 --no-pager -q -o short-iso',
    ])
  })

  test('that takes its time is waited for, by what systemctl shows', async () => {
    // A unit that is still starting after the job has ended, then active: systemctl as it answers, without a manager.
    program(
      'systemctl',
      `case $1 in
  restart) echo 3 > ${folder}/left ;;
  show)
    left=$(cat ${folder}/left 2> /dev/null || echo done)
    case $left in
      done) printf 'ActiveState=active\\nSubState=running\\nActiveEnterTimestampMonotonic=1\\nMainPID=7\\n' ;;
      0) printf 'ActiveState=active\\nSubState=running\\nActiveEnterTimestampMonotonic=2\\nMainPID=8\\n' ;;
      *) echo $((left - 1)) > ${folder}/left; printf 'ActiveState=inactive\\nSubState=dead\\nJob=12\\n' ;;
    esac ;;
esac`,
    )

    const { lines } = await run(unit('shop.service'), 'restart')

    expect(lines).toEqual(['shop.service is active (running), pid 8'])
  })

  test('is reached through sudo by the command that a rule can name', async () => {
    program('sudo', `echo "$*" >> ${folder}/asked; exit 1`)
    program('systemctl', 'echo ActiveState=active')

    const { error } = await run(unit('shop.service', true), 'restart')

    expect(error?.code).toBe('SERVICE_FAILED')
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('-n systemctl restart shop.service\n')
  })

  test('whose journal may not be read says what is missing', async () => {
    program('systemctl', 'echo ActiveState=failed')
    program('journalctl', 'exit 1')

    const { lines } = await run(unit('shop.service'), 'tailLog')

    expect(lines.at(-1)).toContain('must be in the group systemd-journal')
  })
})
