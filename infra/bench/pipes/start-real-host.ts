import { writeFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { findProgram, runProgram } from '../../fleet/programs.ts'
import { freePort } from '@vesemir/process/free-port'
import { startPart, type Part } from '../system/start-part.ts'

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

/** Starts an sshd in which whoever runs this can log in, as the host of that name or as several. */
export async function startRealHost(parent: string, names: readonly string[] = ['host-1']): Promise<RealHost> {
  const folder = join(parent, `real-host-${names.length}`)
  const [hostKeyPath, keyPath] = [join(folder, 'host_key'), join(folder, 'id')]
  await mkdir(folder)
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  for (const path of [hostKeyPath, keyPath])
    await runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
  const port = await freePort()
  const user = userInfo().username
  const config = [
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
    // What a login shell reads there is not a part of what is measured.
    `SetEnv HOME=${folder}`,
  ]
  const addresses = names.map((_, index) => addressOf(index))
  await using started = new AsyncDisposableStack()
  for (let first = 0; first < addresses.length; first += mostAddresses)
    started.use(await startSshd(folder, { config, addresses: addresses.slice(first, first + mostAddresses) }))
  const publicKey = (await readFile(`${hostKeyPath}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ').trim()
  const knownHostsPath = join(folder, 'known_hosts')
  const known = addresses.map((address) => `[${address}]:${port} ${publicKey}\n`)
  await writeFile(knownHostsPath, known.join(''))
  const inventoryPath = await writeInventory(folder, { port, publicKey, names })
  const open = started.move()
  return {
    port,
    user,
    keyPath,
    knownHostsPath,
    cluster: {
      inventory: { kind: 'file', path: inventoryPath },
      remoteShell: { kind: 'ssh', user, port, privateKey: keyPath },
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

/** OpenSSH's MAX_LISTEN_SOCKS is 16. */
const mostAddresses = 16

function startSshd(
  folder: string,
  { config, addresses }: { config: readonly string[]; addresses: readonly string[] },
): Promise<Part> {
  const file = join(folder, `sshd_config-${addresses[0]}`)
  writeFileSync(file, [...addresses.map((address) => `ListenAddress ${address}`), ...config, ''].join('\n'))
  return startPart({
    name: 'sshd',
    command: findProgram('sshd'),
    args: ['-D', '-e', '-f', file],
    outputFile: `${file}.log`,
    isReady: (output) => output.split('Server listening').length > addresses.length,
  })
}

/** Two hosts at one address would be one machine. */
function addressOf(index: number): string {
  return `127.0.0.${index + 1}`
}

/** Writes an inventory of hosts on this machine; one unless their names are given. */
export async function writeInventory(
  folder: string,
  { port, publicKey, names = ['host-1'] }: { port: number; publicKey: string; names?: readonly string[] },
): Promise<string> {
  const path = join(folder, 'hosts.json')
  const host = { ansible_port: port, host_keys: [publicKey], team: 'core' }
  const hosts = Object.fromEntries(names.map((name, index) => [name, { ansible_host: addressOf(index), ...host }]))
  await writeFile(path, JSON.stringify({ payments: { hosts }, production: { children: { payments: {} } } }))
  return path
}
