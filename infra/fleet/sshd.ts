import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { boxFolder, hostFolder, type FleetState } from './fleet-state.ts'
import { startProcess, waitUntilReady } from './processes.ts'
import { findProgram, runProgram } from './programs.ts'

interface Machine {
  name: string
  address: string
}

/** Makes the key pair that every VM and box lets in. */
export async function makeClientKey(state: FleetState): Promise<void> {
  await makeKey(state.ssh.keyPath)
}

/** Gives the base64 blob alone of a machine's host key, as Ohai reports it, making the key when there is none. */
export async function makeHostKey(state: FleetState, name: string): Promise<string> {
  const path = join(machineFolder(state, name), 'host_key')
  await makeKey(path)
  return readFileSync(`${path}.pub`, 'utf8').split(' ')[1] ?? ''
}

/** Starts the SSH server of a VM or a box, and waits until it greets. */
export async function startSshd(
  state: FleetState,
  machine: Machine,
  { settings = [], signal }: { settings?: readonly string[]; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { port } = state.ssh
  const folder = machineFolder(state, machine.name)
  const logFile = join(folder, 'sshd.log')
  writeFileSync(join(folder, 'sshd_config'), sshdConfig(state, machine, settings))
  // sshd as root refuses to start without it, and a machine that boots no services has none.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const started = await startProcess(state, {
    name: `sshd ${machine.name}`,
    command: findProgram('sshd'),
    args: ['-D', '-f', join(folder, 'sshd_config'), '-E', logFile],
    outputFile: join(folder, 'sshd.out'),
    logFile,
  })
  const what = `sshd of ${machine.name} accepts connections on ${machine.address}:${port}`
  await waitUntilReady(started, () => greets({ host: machine.address, port }), { what, signal })
}

function sshdConfig(state: FleetState, { name, address }: Machine, settings: readonly string[]): string {
  const lines = [
    ...settings,
    `ListenAddress ${address}`,
    `Port ${state.ssh.port}`,
    `HostKey ${join(machineFolder(state, name), 'host_key')}`,
    `AuthorizedKeysFile ${state.ssh.keyPath}.pub`,
    `AllowUsers ${state.ssh.user}`,
    'PidFile none',
    'UsePAM no',
    'UseDNS no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin no',
    'StrictModes no',
    'AllowTcpForwarding yes',
    'AllowStreamLocalForwarding yes',
    'MaxStartups 1000',
    'MaxSessions 1000',
    'PrintMotd no',
    'PrintLastLog no',
    'LogLevel ERROR',
    'Subsystem sftp internal-sftp',
  ]
  return `${lines.join('\n')}\n`
}

async function makeKey(path: string): Promise<void> {
  await runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'vesemir-fleet', '-f', path])
}

function machineFolder(state: FleetState, name: string): string {
  const isBox = state.boxes.some((box) => box.name === name)
  return isBox ? boxFolder(state, name) : hostFolder(state, name)
}

async function greets(endpoint: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(endpoint)
    const end = (isReady: boolean) => {
      socket.destroy()
      resolve(isReady)
    }
    socket.setTimeout(2_000, () => end(false))
    socket.on('error', () => end(false))
    socket.on('close', () => end(false))
    socket.on('data', (data) => end(data.toString('latin1').startsWith('SSH-2.0-')))
  })
}
