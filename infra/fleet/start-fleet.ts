import { chmodSync, mkdirSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeKeys } from '@vesemir/process/keys'
import { boxNode, hostNode } from './chef-node.ts'
import { completeOptions, type FleetOptions } from './fleet-options.ts'
import { boxFolder, hostFolder, readFleetState, vesemirKeys, writeFleetState, type FleetState } from './fleet-state.ts'
import { createFleet, type Fleet } from './fleet.ts'
import { makeCredentials, startGoiardi, writeNodes } from './goiardi.ts'
import { startHaproxy, waitUntilServersUp } from './haproxy.ts'
import { initialRelease } from './initial-release.ts'
import { requireFree } from './listeners.ts'
import { plannedEndpoints, planFleet } from './plan-fleet.ts'
import { isAlive } from './process-table.ts'
import { startRedis } from './redis.ts'
import { makeHost, startApps } from './runit.ts'
import { makeClientKey, makeHostKey, startSshd } from './sshd.ts'
import { enterableNode, ensureVmUser, requireEnterable } from './vm-user.ts'

/** A Unix socket's path has at most 107 bytes, and HAProxy binds it under a longer name first: `.<pid>.tmp`. */
const maxSocketPath = 92

/**
 * Starts a fleet of real parts on loopback addresses: VMs with sshd and an application under runit, HAProxy boxes with sshd,
 * Redis, and Chef with a node for each. Returns when every SSH server accepts and every server is UP on every box. When
 * something fails, what was started is stopped; the error has the end of the failed program's log.
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const complete = completeOptions(options)
  const { signal } = options
  const state = await prepare(complete)
  const fleet = createFleet(state)
  try {
    const releaseFolder = await initialRelease({
      dir: state.dir,
      version: state.version,
      ...(options.release !== undefined && { release: options.release }),
    })
    await makeMachines(state, releaseFolder)
    await startAll(state, signal)
    return fleet
  } catch (error) {
    await fleet.down()
    throw error
  }
}

async function prepare(options: ReturnType<typeof completeOptions>): Promise<FleetState> {
  mkdirSync(options.dir, { recursive: true })
  const dir = realpathSync(options.dir)
  requireUsable(dir, options)
  const vmUser = await ensureVmUser()
  // mkdtemp closes its folders to others, and the VMs are another user's when root starts them.
  if (vmUser) chmodSync(dir, 0o755)
  requireEnterable(dir, vmUser)
  const earlier = readFleetState(dir)
  if (earlier?.processes.some(isAlive)) throw new Error(`a fleet is up already in ${dir}: take it down first`)
  if (earlier) for (const name of folders) rmSync(join(dir, name), { recursive: true, force: true })
  const state = planFleet(options, { dir, vmUser, nodePath: enterableNode(dir, vmUser) })
  requireFree(plannedEndpoints(state))
  writeFleetState(state)
  return state
}

const folders = ['vm', 'box', 'chef', 'redis', 'keys', 'release']

function requireUsable(dir: string, { boxes }: { boxes: number }): void {
  // It is written into shell scripts and configuration files of five formats.
  if (!/^[\w./@+-]+$/.test(dir))
    throw new Error(`the fleet's folder must have a plain path, not ${JSON.stringify(dir)}`)
  const longest = join(dir, 'box', `lb-${boxes}`, 'haproxy.sock')
  if (longest.length > maxSocketPath) {
    throw new Error(`${longest} is too long for a socket, at most ${maxSocketPath} characters: choose a shorter folder`)
  }
}

async function makeMachines(state: FleetState, releaseFolder: string): Promise<void> {
  mkdirSync(join(state.dir, 'keys'), { recursive: true })
  for (const { name } of state.hosts) mkdirSync(hostFolder(state, name), { recursive: true })
  for (const { name } of state.boxes) mkdirSync(boxFolder(state, name), { recursive: true })
  await makeKeys(vesemirKeys(state))
  makeCredentials(state)
  await makeClientKey(state)
  await settle(state.hosts.map((host) => makeHost(state, host, releaseFolder)))
  const hosts = state.hosts.map(async (host) => hostNode(state, host, await makeHostKey(state, host.name)))
  const boxes = state.boxes.map(async (box) => boxNode(state, box, await makeHostKey(state, box.name)))
  writeNodes(state, await settle([...hosts, ...boxes]))
}

async function startAll(state: FleetState, signal?: AbortSignal): Promise<void> {
  const boxes = state.boxes.map(async (box) => {
    await startHaproxy(state, box, signal)
    await waitUntilServersUp(state, box, signal)
  })
  await settle([
    ...state.hosts.map((host) => startApps(state, host)),
    ...boxes,
    ...[...state.hosts, ...state.boxes].map((machine) => startSshd(state, machine, { signal })),
    startRedis(state, signal),
    startGoiardi(state, signal),
  ])
}

/** Waits for all before it throws the first error: what is still starting would escape being stopped. */
async function settle<T>(promises: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}
