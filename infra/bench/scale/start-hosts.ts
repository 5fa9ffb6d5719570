import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from '../../fleet/programs.ts'
import { startPart, type Part } from '../system/start-part.ts'
import { application } from './definition.ts'
import { hostAddress, hostName, type FarmSettings } from './farm-settings.ts'

/** Hosts that run, and how a worker finds and reaches them. */
export interface Hosts extends AsyncDisposable {
  pid: number
  /** The settings of a worker's cluster. */
  cluster: object
}

interface HostsOptions {
  hosts: number
  restartMs: number
  /** Which share the hosts, the same number each; one unless given. */
  applications?: readonly string[]
}

/** Above the ports that local fleets use, below those that the system gives to clients. */
const port = 22_022

/** Starts hosts in a process of their own, and writes the inventory and the keys to reach them into a folder. */
export async function startHosts(
  parent: string,
  { hosts, restartMs, applications = [application] }: HostsOptions,
): Promise<Hosts> {
  const folder = await mkdtemp(join(parent, `hosts-${hosts}-`))
  const [hostKeyPath, userKeyPath, inventoryPath] = ['host_key', 'user_key', 'hosts.json'].map((name) =>
    join(folder, name),
  ) as [string, string, string]
  for (const path of [hostKeyPath, userKeyPath])
    await runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
  const publicKey = (await readFile(`${hostKeyPath}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ').trim()
  await writeFile(inventoryPath, JSON.stringify(inventoryOf({ hosts, applications, publicKey })))
  const settings: FarmSettings = { hosts, port, hostKeyPath, restartMs, folder }
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

function inventoryOf({ hosts, applications, publicKey }: Inventory): object {
  const entries = Array.from({ length: hosts }, (_, index) => [hostName(index), { ansible_host: hostAddress(index) }])
  const each = hosts / applications.length
  const groups = applications.map((name, index) => {
    const own = Object.fromEntries(entries.slice(index * each, (index + 1) * each))
    return [name, { hosts: own, vars: { team: 'core', host_keys: [publicKey] } }]
  })
  const children = Object.fromEntries(applications.map((name) => [name, {}]))
  return { ...Object.fromEntries(groups), production: { children } }
}

interface Inventory extends Pick<HostsOptions, 'hosts'> {
  applications: readonly string[]
  publicKey: string
}
