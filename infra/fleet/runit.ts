import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostFolder, type FleetHost, type FleetState } from './fleet-state.ts'
import { startProcess } from './processes.ts'
import { findProgram, runProgram } from './programs.ts'

/** Lays out a VM: the first release as `current`, and the runit service that runs it. */
export async function makeHost(state: FleetState, host: FleetHost, releaseFolder: string): Promise<void> {
  const folder = hostFolder(state, host.name)
  const service = serviceFolder(state, host.name)
  mkdirSync(join(host.directory, 'releases'), { recursive: true })
  mkdirSync(service, { recursive: true })
  cpSync(releaseFolder, join(host.directory, 'releases', state.version), { recursive: true })
  symlinkSync(`releases/${state.version}`, join(host.directory, 'current'))
  writeFileSync(join(service, 'run'), runScript(state, host))
  chmodSync(join(service, 'run'), 0o755)
  if (state.vmUser) await runProgram('chown', ['-R', `${state.vmUser.uid}:${state.vmUser.gid}`, folder])
}

/** Starts the runsv that keeps a VM's application running. It is ready when HAProxy says so. */
export async function startApp(state: FleetState, host: FleetHost): Promise<void> {
  const folder = hostFolder(state, host.name)
  const { vmUser } = state
  await startProcess(state, {
    name: `runsv ${host.name}`,
    command: findProgram('runsv'),
    args: [serviceFolder(state, host.name)],
    outputFile: join(folder, 'runsv.out'),
    logFile: join(folder, 'app.log'),
    user: vmUser ? { uid: vmUser.uid, gid: vmUser.gid } : undefined,
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', ...(vmUser && { HOME: vmUser.home, USER: vmUser.name }) },
  })
}

function serviceFolder(state: FleetState, name: string): string {
  return join(hostFolder(state, name), 'sv', state.application)
}

function runScript(state: FleetState, { name, address, directory }: FleetHost): string {
  return `#!/bin/sh
exec >> '${join(hostFolder(state, name), 'app.log')}' 2>&1
cd '${join(directory, 'current')}' &&
  exec env NODE='${state.nodePath}' ADDRESS=${address} PORT=${state.appPort} ./start
`
}
