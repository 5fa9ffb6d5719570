import type { Service } from '@vesemir/contract'
import { isVesemirError, type RemoteSession } from '@vesemir/core'
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostWith } from '../changeset/testing/host-tools.ts'
import { createSsh } from '../remote-shell/index.ts'
import { startSshd, type Sshd } from '../remote-shell/ssh/testing/start-sshd.ts'
import { createServiceManagers } from '../service-manager/index.ts'
import { proveSudoCommands } from './prove-sudo-commands.ts'

// Making users takes root.
const isRoot = userInfo().uid === 0
const user = `vesemir-needs-${process.pid}`
const sudoers = `/etc/sudoers.d/${user}`

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd()
  if (!isRoot) return
  chmodSync(sshd.folder, 0o755)
  execFileSync('useradd', ['-m', '-s', '/bin/sh', user])
  // Without a password sshd takes the account for locked.
  execFileSync('chpasswd', { input: `${user}:${randomUUID()}\n` })
})
afterAll(async () => {
  await sshd[Symbol.asyncDispose]()
  if (!isRoot) return
  rmSync(sudoers, { force: true })
  execFileSync('userdel', ['-r', user], { stdio: 'ignore' })
})

const signal = new AbortController().signal
const runit = (sudo: boolean): Service => ({ kind: 'runit', service: 'shop', sudo, timeout: '60s' })
const systemd: Service = { kind: 'systemd', unit: 'shop.service', user: false, sudo: true, timeout: '60s' }

async function prove(service: Service, session: RemoteSession) {
  try {
    await createServiceManagers()(service).prove(service, { session, signal })
    return 'nothing is missing'
  } catch (error) {
    if (!isVesemirError(error)) throw error
    return `${error.code}: ${error.message}`
  }
}

describe.runIf(isRoot)('the restart of a service by sudo', () => {
  test.for([
    ['any command', 'ALL=(ALL) NOPASSWD: ALL', 'nothing is missing'],
    ['this one', 'ALL=(root) NOPASSWD: /usr/bin/sv term shop', 'nothing is missing'],
    ['some others', 'ALL=(root) NOPASSWD: /usr/bin/sv term other', 'sudoers has no rule for it'],
    ['it with a password', 'ALL=(ALL) ALL', 'sudo: a password is required'],
    ['it on a terminal', 'ALL=(ALL) NOPASSWD: ALL', 'you must have a tty to run sudo', 'requiretty'],
    ['it for a pseudo-terminal', 'ALL=(ALL) NOPASSWD: ALL', 'nothing is missing', 'use_pty'],
  ])('is known beforehand where sudoers allows %s', async ([, rule, expected, defaults]) => {
    writeFileSync(sudoers, `${defaults ? `Defaults:${user} ${defaults}\n` : ''}${user} ${rule}\n`, { mode: 0o440 })
    await using session = await createSsh(sshd.options, { env: {} }).connect({ ...sshd.target, user })

    expect(await prove(runit(true), session)).toContain(expected)
  })

  test('is known beforehand of any command of plain words, and of its user', async () => {
    writeFileSync(sudoers, `${user} ALL=(nobody) NOPASSWD: /usr/bin/true\n`, { mode: 0o440 })
    await using session = await createSsh(sshd.options, { env: {} }).connect({ ...sshd.target, user })
    const proveCommands = (...commands: string[]) =>
      proveSudoCommands(session, { commands, purpose: 'run the commands' }, signal)

    await proveCommands('sudo -n -u nobody true', 'sudo /opt/comes-with-the-release', 'sudo id && true', 'id')
    await expect(proveCommands('sudo -u nobody true', 'sudo id')).rejects.toMatchObject({
      code: 'SUDO_REFUSED',
      message: 'web-1 cannot run the commands: sudo does not allow "id": sudoers has no rule for it',
    })
  })
})

test.for([
  ['systemctl', systemd],
  ['sv', runit(false)],
] as const)('a host without %s says so beforehand', async ([program, service]) => {
  await using session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
  const bare = hostWith(session, { folder: mkdtempSync(join(sshd.folder, 'case-')) })

  expect(await prove(service, bare)).toBe(`HOST_TOOL_MISSING: web-1 cannot restart the service: there is no ${program}`)
})

test('a host without sudo says so beforehand, and one whose sudo cannot list leaves it to the restart', async () => {
  await using session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
  const folder = mkdtempSync(join(sshd.folder, 'case-'))
  const host = hostWith(session, { folder })

  expect(await prove(runit(true), host)).toBe('HOST_TOOL_MISSING: web-1 cannot restart the service: there is no sudo')
  writeFileSync(join(folder, 'bin', 'sudo'), '#!/bin/sh\necho "unknown option -l" >&2\nexit 1\n', { mode: 0o755 })
  expect(await prove(runit(true), host)).toBe('nothing is missing')
})

test('a systemd that does not answer says so beforehand', async () => {
  await using session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
  const folder = mkdtempSync(join(sshd.folder, 'case-'))
  const host = hostWith(session, { folder })
  const words = 'Failed to connect to bus: No medium found'
  writeFileSync(join(folder, 'bin', 'systemctl'), `#!/bin/sh\necho ${words} >&2\nexit 1\n`, { mode: 0o755 })
  writeFileSync(join(folder, 'bin', 'id'), '#!/bin/sh\necho 1000\n', { mode: 0o755 })

  expect(await prove(systemd, host)).toBe(
    `SERVICE_FAILED: web-1 cannot restart the service: systemd does not answer: ${words}`,
  )
})
