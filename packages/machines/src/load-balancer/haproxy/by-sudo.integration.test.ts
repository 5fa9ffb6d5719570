import { execFileSync } from 'node:child_process'
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failOnLeaks } from '@vesemir/testing/fail-on-leaks'
import { errorOf } from '@vesemir/testing/code-of'
import { HaproxyOptions } from './haproxy-options.ts'
import { startBox, type TestBox } from './testing/start-box.ts'

// Making users takes root.
const isRoot = userInfo().uid === 0
const user = `vesemir-box-${process.pid}`
const password = `pass word'"$(id)\\ ${process.pid}`
const sudoers = `/etc/sudoers.d/${user}`

let box: TestBox
beforeAll(async () => {
  if (!isRoot) return
  execFileSync('useradd', ['-m', '-s', '/bin/sh', user])
  execFileSync('chpasswd', { input: `${user}:${password}\n` })
  box = await startBox(`backend app\n  server web-1 192.0.2.1:8080`)
  chmodSync(box.sshd.folder, 0o755)
})
afterAll(async () => {
  if (!isRoot) return
  await box[Symbol.asyncDispose]()
  rmSync(sudoers, { force: true })
  execFileSync('userdel', ['-r', user], { stdio: 'ignore' })
})
failOnLeaks()

type Sudo = NonNullable<NonNullable<Parameters<TestBox['connect']>[0]>['options']>['sudo']
const withPassword = { passwordVariable: 'SUDO_PASSWORD' }

function allow(rule: string, defaults = '') {
  const lines = [defaults && `Defaults:${user} ${defaults}`, rule && `${user} ${rule}`].filter(Boolean)
  writeFileSync(sudoers, `${lines.join('\n')}\n`, { mode: 0o440 })
}

function connect(sudo: Sudo, { given = password, socket = box.haproxy.socket } = {}) {
  return box.connect({
    options: { sudo, socket },
    target: { ...box.target, user },
    env: { SUDO_PASSWORD: given },
  })
}

const socat = () => `/usr/bin/socat - UNIX-CONNECT\\:${box.haproxy.socket}`

describe.runIf(isRoot)('a box whose admin socket is root’s', () => {
  test.each<[string, Sudo, () => string, string]>([
    ['without a password', true, () => 'ALL=(ALL) NOPASSWD: ALL', ''],
    ['without a password, for that very command alone', true, () => `ALL=(root) NOPASSWD: ${socat()}`, ''],
    ['with a password', withPassword, () => 'ALL=(ALL) ALL', ''],
    ['with a password that is asked for every time', withPassword, () => 'ALL=(ALL) ALL', 'timestamp_timeout=0'],
    ['with a password, on a pseudo-terminal', withPassword, () => 'ALL=(ALL) ALL', 'use_pty'],
    ['with a password that sudo does not want', withPassword, () => 'ALL=(ALL) NOPASSWD: ALL', ''],
  ])('is reached by sudo %s', async (_, sudo, rule, defaults) => {
    allow(rule(), defaults)
    await using connected = connect(sudo)
    const session = await connected.open()
    const web1 = { box: box.name, backend: 'app', server: 'web-1' }

    const read = await session.drain([web1])

    expect(read).toMatchObject([{ admin: 'drain' }])
    expect(box.sshd.log()).not.toContain(password)
  })

  test.each<[string, Sudo, string, string, RegExp]>([
    ['asks for a password and there is none', true, 'ALL=(ALL) ALL', password, /without a password/],
    ['is not allowed', true, '', password, /without a password/],
    ['does not take the password', withPassword, 'ALL=(ALL) ALL', 'wrong', /as root: .*(?:password|incorrect)/],
  ])('is refused where sudo %s', async (_, sudo, rule, given, words) => {
    allow(rule)
    await using connected = connect(sudo, { given })

    const error = await errorOf(connected.open())

    expect(error.code).toBe('LOAD_BALANCER_PERMISSION')
    expect(error.message).toMatch(words)
    expect(error.message).not.toContain(given)
  })

  test.each<[string, Sudo]>([
    ['without', true],
    ['with', withPassword],
  ])('says so when the socket is missing, by sudo %s a password', async (_, sudo) => {
    allow(sudo === true ? 'ALL=(ALL) NOPASSWD: ALL' : 'ALL=(ALL) ALL')
    await using connected = connect(sudo, { socket: `${box.haproxy.folder}/none.sock` })

    const error = await errorOf(connected.open())

    expect(error.code).toBe('LOAD_BALANCER_UNREACHABLE')
    expect(error.message).toContain(`no socket at ${box.haproxy.folder}/none.sock`)
  })
})

test('sudo is refused together with a connection from the worker, and so is a path', () => {
  const settings = { from: 'worker' as const }

  expect(() => HaproxyOptions.parse({ ...settings })).toThrow('needs host:port')
  expect(() => HaproxyOptions.parse({ ...settings, socket: '{address}:9999', sudo: true })).toThrow('sudo is for')
  expect(HaproxyOptions.parse({ ...settings, socket: '{address}:9999' }).from).toBe('worker')
})
