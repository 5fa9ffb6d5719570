import type { HostTarget } from '@vesemir/contract'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '@vesemir/process/free-port'

/** A real sshd on a free port, of the loopback unless said otherwise, for the current user. */
export interface Sshd extends AsyncDisposable {
  /** The machine, with the host key that it has. */
  target: HostTarget
  /** Who it lets in: a user with the path of a private key. */
  login: { user: string; port: number; privateKey: string }
  /** A folder of its own, removed at the end. */
  folder: string
  /** What it has logged so far. */
  log(): string
  /** Breaks off every connection, as a crash does. */
  killConnections(): void
}

interface SshdParts {
  /** Lines of its configuration that come before the usual ones. */
  settings?: readonly string[]
  /** Settings that need the keys, which are in the folder by then. */
  prepare?: (folder: string) => readonly string[]
  /** Lines of authorized_keys besides that of its own client key. */
  authorizedKeys?: readonly string[]
  /** The machine's name. */
  name?: string
  /** Where it listens; 127.0.0.1. */
  address?: string
  /** The network namespace that it is in. */
  namespace?: string
}

/** Starts sshd with keys of its own. */
export async function startSshd(parts: SshdParts = {}): Promise<Sshd> {
  const { settings = [], prepare, authorizedKeys = [], name = 'web-1', address = '127.0.0.1', namespace } = parts
  const folder = mkdtempSync(join(tmpdir(), 'vesemir-sshd-'))
  const hostKey = writeKeyPair(join(folder, 'host_key'))
  const clientKey = writeKeyPair(join(folder, 'client_key'))
  writeFileSync(join(folder, 'authorized_keys'), [clientKey.public, ...authorizedKeys, ''].join('\n'))
  const port = await freePort()
  const configuration = [
    ...settings,
    ...(prepare?.(folder) ?? []),
    `Port ${port}`,
    `ListenAddress ${address}`,
    `HostKey ${folder}/host_key`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    // bash run by sshd reads ~/.bashrc at shell level 1 only: tests are not to wait for the developer's own.
    'SetEnv SHLVL=2',
  ]
  writeFileSync(join(folder, 'sshd_config'), `${configuration.join('\n')}\n`)
  // sshd run by root separates privileges into this folder, which only init scripts make.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })

  const command = ['/usr/sbin/sshd', '-D', '-e', '-f', join(folder, 'sshd_config')]
  const [program = '', ...args] = namespace === undefined ? command : ['ip', 'netns', 'exec', namespace, ...command]
  const sshd = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(sshd, 'exit')
  const lines: string[] = []
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>()
  createInterface({ input: sshd.stderr }).on('line', (line) => {
    lines.push(line)
    if (line.startsWith('Server listening on')) resolve()
  })
  void exited.then(() => reject(new Error(`sshd did not start:\n${lines.join('\n')}`)))
  listening.catch(() => {})
  await listening

  const user = userInfo().username
  return {
    target: { name, address, port, user, hostKeys: [hostKey.public] },
    login: { user, port, privateKey: join(folder, 'client_key') },
    folder,
    log: () => lines.join('\n'),
    killConnections() {
      const children = readFileSync(`/proc/${sshd.pid}/task/${sshd.pid}/children`, 'utf8')
      for (const pid of children.trim().split(' ')) process.kill(Number(pid), 'SIGKILL')
    },
    async [Symbol.asyncDispose]() {
      sshd.kill()
      await exited
      rmSync(folder, { recursive: true })
    },
  }
}

/**
 * Writes a new key pair to `path` and `path.pub`, and tells its public half as a line of known_hosts or authorized_keys.
 * Not by ssh2: one in 256 of its Ed25519 pairs cannot be read (mscdex/ssh2#1390).
 */
export function writeKeyPair(path: string, { type = 'ed25519', passphrase = '' } = {}): { public: string } {
  rmSync(path, { force: true })
  // Longer RSA keys take seconds to make.
  const size = type === 'rsa' ? ['-b', '2048'] : []
  execFileSync('ssh-keygen', ['-q', '-t', type, ...size, '-N', passphrase, '-C', '', '-f', path])
  return { public: readFileSync(`${path}.pub`, 'utf8').trim() }
}
