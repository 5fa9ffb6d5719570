import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { findProgram, runProgram } from '../../fleet/programs.ts'
import { freePort } from '@vesemir/process/free-port'
import { startPart } from '../system/start-part.ts'

/** One real sshd, and how workers and scp reach it. */
export interface RealHost extends AsyncDisposable {
  port: number
  user: string
  keyPath: string
  knownHostsPath: string
  /** The settings of a worker's cluster whose one host this is. */
  cluster: object
}

/** The cipher that both ends have first; sshd is made to offer no other, so that all measure the same one. */
export const cipher = 'aes128-gcm@openssh.com'

/** Starts an sshd in which whoever runs this can log in. */
export async function startRealHost(parent: string): Promise<RealHost> {
  const folder = join(parent, 'real-host')
  const [hostKeyPath, keyPath] = [join(folder, 'host_key'), join(folder, 'id')]
  await mkdir(folder)
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  for (const path of [hostKeyPath, keyPath])
    await runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
  const port = await freePort()
  const user = userInfo().username
  const config = [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${hostKeyPath}`,
    `AuthorizedKeysFile ${keyPath}.pub`,
    `Ciphers ${cipher}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PrintMotd no',
    'Subsystem sftp internal-sftp',
  ]
  await writeFile(join(folder, 'sshd_config'), `${config.join('\n')}\n`)
  const sshd = await startPart({
    name: 'sshd',
    command: findProgram('sshd'),
    args: ['-D', '-e', '-f', join(folder, 'sshd_config')],
    outputFile: join(folder, 'sshd.log'),
    isReady: (output) => output.includes('Server listening'),
  })
  const publicKey = (await readFile(`${hostKeyPath}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ').trim()
  const knownHostsPath = join(folder, 'known_hosts')
  await writeFile(knownHostsPath, `[127.0.0.1]:${port} ${publicKey}\n`)
  const inventoryPath = await writeInventory(folder, { port, publicKey })
  return {
    port,
    user,
    keyPath,
    knownHostsPath,
    cluster: {
      inventory: { kind: 'file', path: inventoryPath },
      remoteShell: { kind: 'ssh', user, port, privateKey: keyPath },
    },
    [Symbol.asyncDispose]: () => sshd[Symbol.asyncDispose](),
  }
}

/** Writes an inventory whose one host is on 127.0.0.1. */
export async function writeInventory(
  folder: string,
  { port, publicKey }: { port: number; publicKey: string },
): Promise<string> {
  const path = join(folder, 'hosts.json')
  const host = { ansible_host: '127.0.0.1', ansible_port: port, host_keys: [publicKey], team: 'core' }
  await writeFile(
    path,
    JSON.stringify({ payments: { hosts: { 'host-1': host } }, production: { children: { payments: {} } } }),
  )
  return path
}
