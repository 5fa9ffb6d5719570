import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  applicationFolder,
  applicationsOf,
  hostFolder,
  type FleetApplication,
  type FleetHost,
  type FleetState,
} from './fleet-state.ts'
import { startProcess } from './processes.ts'
import { findProgram, runProgram } from './programs.ts'

/** Lays out a VM: of every application the first release as `current`, and the runit service that runs it. */
export async function makeHost(state: FleetState, host: FleetHost, releaseFolder: string): Promise<void> {
  const folder = hostFolder(state, host.name)
  for (const application of applicationsOf(state)) {
    const directory = applicationFolder(state, host.name, application.name)
    const service = serviceFolder(state, host.name, application.name)
    mkdirSync(join(directory, 'releases'), { recursive: true })
    mkdirSync(service, { recursive: true })
    cpSync(releaseFolder, join(directory, 'releases', state.version), { recursive: true })
    symlinkSync(`releases/${state.version}`, join(directory, 'current'))
    writeFileSync(join(service, 'run'), runScript(state, { host, application }))
    chmodSync(join(service, 'run'), 0o755)
  }
  if (state.vmUser) await runProgram('chown', ['-R', `${state.vmUser.uid}:${state.vmUser.gid}`, folder])
}

/** Starts the runsv of each application of a VM, which keeps it running. They are ready when HAProxy says so. */
export async function startApps(state: FleetState, host: FleetHost): Promise<void> {
  for (const { name } of applicationsOf(state)) await startApp(state, { host, application: name })
}

/** The name of the process that keeps an application of a VM running. */
export function runsvOf(state: FleetState, host: string, application = state.application): string {
  return application === state.application ? `runsv ${host}` : `runsv ${host} ${application}`
}

async function startApp(
  state: FleetState,
  { host, application }: { host: FleetHost; application: string },
): Promise<void> {
  const folder = hostFolder(state, host.name)
  const { vmUser } = state
  await startProcess(state, {
    name: runsvOf(state, host.name, application),
    command: findProgram('runsv'),
    args: [serviceFolder(state, host.name, application)],
    outputFile: join(folder, 'runsv.out'),
    logFile: join(folder, 'app.log'),
    user: vmUser ? { uid: vmUser.uid, gid: vmUser.gid } : undefined,
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', ...(vmUser && { HOME: vmUser.home, USER: vmUser.name }) },
  })
}

/** The folder of the runit service of an application on a VM. */
export function serviceFolder(state: FleetState, host: string, application = state.application): string {
  return join(hostFolder(state, host), 'sv', application)
}

function runScript(
  state: FleetState,
  { host, application }: { host: FleetHost; application: FleetApplication },
): string {
  return `#!/bin/sh
exec >> '${join(hostFolder(state, host.name), 'app.log')}' 2>&1
cd '${join(applicationFolder(state, host.name, application.name), 'current')}' &&
  exec env NODE='${state.nodePath}' ADDRESS=${host.address} PORT=${application.appPort} ./start
`
}
