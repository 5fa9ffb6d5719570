import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from '../../fleet/programs.ts'
import { startPart, type Part } from '../system/start-part.ts'
import { hostAddress, hostName, type FarmSettings } from './farm-settings.ts'

/** Hosts that run, and how a worker finds and reaches them. */
export interface Hosts extends AsyncDisposable {
  pid: number
  /** The settings of a worker's cluster. */
  cluster: object
}

/** Above the ports that local fleets use, below those that the system gives to clients. */
const port = 22_022

/** Starts hosts in a process of their own, and writes the inventory and the keys to reach them into a folder. */
export async function startHosts(
  parent: string,
  { hosts, restartMs }: { hosts: number; restartMs: number },
): Promise<Hosts> {
  const folder = await mkdtemp(join(parent, `hosts-${hosts}-`))
  const [hostKeyPath, userKeyPath, inventoryPath] = ['host_key', 'user_key', 'hosts.json'].map((name) =>
    join(folder, name),
  ) as [string, string, string]
  for (const path of [hostKeyPath, userKeyPath])
    await runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
  const publicKey = (await readFile(`${hostKeyPath}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ').trim()
  await writeFile(inventoryPath, JSON.stringify(inventoryOf(hosts, publicKey)))
  const settings: FarmSettings = { hosts, port, hostKeyPath, restartMs }
  const farm: Part = await startPart({
    name: 'hosts',
    command: process.execPath,
    args: [join(import.meta.dirname, 'host-farm.ts'), JSON.stringify(settings)],
    outputFile: join(folder, 'farm.log'),
    isReady: (output) => output.includes('hosts ready'),
  })
  return {
    pid: farm.pid,
    cluster: {
      inventory: { kind: 'file', path: inventoryPath },
      remoteShell: { kind: 'ssh', user: 'deploy', port, privateKey: userKeyPath },
    },
    [Symbol.asyncDispose]: () => farm[Symbol.asyncDispose](),
  }
}

function inventoryOf(hosts: number, publicKey: string): object {
  const entries = Array.from({ length: hosts }, (_, index) => [hostName(index), { ansible_host: hostAddress(index) }])
  return {
    payments: { hosts: Object.fromEntries(entries), vars: { team: 'core', host_keys: [publicKey] } },
    production: { children: { payments: {} } },
  }
}
