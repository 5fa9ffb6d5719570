import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FleetPorts, HaproxyExtras } from './fleet-options.ts'
import type { ProcessIdentity } from './process-table.ts'

/** A program that the fleet started. */
export interface FleetProcess extends ProcessIdentity {
  name: string
  logFiles: string[]
}

/** An application VM; `directory` holds its releases and `current`. */
export interface FleetHost {
  name: string
  address: string
  directory: string
}

/** An HAProxy box. */
export interface FleetBox {
  name: string
  address: string
  hasPidNamespace: boolean
  /** The HAProxy that it runs; null is the installed one. */
  program: string | null
}

/** An application of the VMs. Its backend has its name on every box, where the frontend listens. */
export interface FleetApplication {
  name: string
  appPort: number
  frontendPort: number
}

/** All that is known of a fleet, as it is kept in its `fleet.json`. */
export interface FleetState {
  dir: string
  network: string
  controlAddress: string
  application: string
  environment: string
  team: string
  tags: string[]
  /** The applications beside the main one, on the same VMs. */
  neighbours: FleetApplication[]
  /** The first release. */
  version: string
  ports: FleetPorts
  hosts: FleetHost[]
  boxes: FleetBox[]
  redisUrl: string
  chef: { url: string; clientName: string; keyPath: string; credentialsFile: string }
  ssh: { user: string; port: number; keyPath: string }
  /** One URL per box. */
  frontends: string[]
  appPort: number
  /** The path of a box's admin socket, with `{name}` for the box's name. */
  socketTemplate: string
  /** Whom the VMs log in as and run their application as; null when that is who started the fleet. */
  vmUser: { name: string; uid: number; gid: number; home: string } | null
  /** The Node that runs the application. */
  nodePath: string
  haproxy: HaproxyExtras
  processes: FleetProcess[]
}

/** Gives the state in the folder's fleet.json, or nothing when there is none. */
export function readFleetState(dir: string): FleetState | undefined {
  const file = join(dir, 'fleet.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as FleetState) : undefined
}

/** Replaces fleet.json by one rename. It is synchronous so that concurrent starts cannot overwrite each other's pids. */
export function writeFleetState(state: FleetState): void {
  const file = join(state.dir, 'fleet.json')
  writeFileSync(`${file}.new`, `${JSON.stringify(state, undefined, 2)}\n`)
  renameSync(`${file}.new`, file)
}

/** Every application of the VMs, the main one first. */
export function applicationsOf({ application, appPort, ports, neighbours }: FleetState): FleetApplication[] {
  return [{ name: application, appPort, frontendPort: ports.frontend }, ...neighbours]
}

/** The folder of an application on a VM: its releases and `current`. */
export function applicationFolder(state: FleetState, host: string, application: string): string {
  return join(hostFolder(state, host), 'srv', application)
}

/** The folder of the keys by which Vesemir's processes know what the others write. */
export function vesemirKeys({ dir }: FleetState): string {
  return join(dir, 'keys', 'vesemir')
}

/** The folder of a VM: its application, service, logs and SSH server's settings. */
export function hostFolder(state: FleetState, name: string): string {
  return join(state.dir, 'vm', name)
}

/** The folder of a box: its HAProxy and SSH server's settings, the socket, logs. */
export function boxFolder(state: FleetState, name: string): string {
  return join(state.dir, 'box', name)
}

/** The path of a box's admin socket. */
export function socketPath(state: FleetState, box: string): string {
  return state.socketTemplate.replace('{name}', box)
}
