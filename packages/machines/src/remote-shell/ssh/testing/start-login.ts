import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { createSsh, type SshShell } from '../create-ssh.ts'
import { startSshd } from './start-sshd.ts'

/** Making users takes root. */
export const canMakeUsers = userInfo().uid === 0

type Connect = Parameters<SshShell['connect']>[0]

/** A real sshd, and a user of its own, whose login shell and start-up files can be set. */
export async function startLogin({ settings = [] }: { settings?: string[] } = {}) {
  const user = `vesemir-login-${process.pid}`
  const home = join('/home', user)
  if (canMakeUsers) execFileSync('useradd', ['-m', '-d', home, '-s', '/bin/sh', '-p', '*', user])
  // As on a host: bash run by sshd reads ~/.bashrc.
  const sshd = await startSshd({ settings: [...settings, 'SetEnv SHLVL=0'] })
  chmodSync(sshd.folder, 0o755)
  const target: Connect = { ...sshd.target, user }

  return {
    sshd,
    user,
    home,
    connect: () => createSsh(sshd.options, { env: {} }).connect(target),
    /** Gives the user a login shell, and these start-up files alone. */
    setUp(shell: string, files: Readonly<Record<string, string>> = {}) {
      execFileSync('usermod', ['-s', shell, user])
      rmSync(home, { recursive: true })
      mkdirSync(home)
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(home, name)), { recursive: true })
        writeFileSync(join(home, name), text)
      }
      execFileSync('chown', ['-R', `${user}:`, home])
    },
    async [Symbol.asyncDispose]() {
      await sshd[Symbol.asyncDispose]()
      if (canMakeUsers) execFileSync('userdel', ['-rf', user], { stdio: 'ignore' })
    },
  }
}
