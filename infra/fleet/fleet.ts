import type { ChefNode } from './chef-node.ts'
import { applicationsOf, readFleetState, type FleetBox, type FleetState } from './fleet-state.ts'
import { startGoiardi, updateNode } from './goiardi.ts'
import { reloadHaproxy, startHaproxy, waitUntilServersUp } from './haproxy.ts'
import { stopProcesses } from './processes.ts'
import { startRedis } from './redis.ts'
import { runsvOf, startApps } from './runit.ts'
import { showServers, type ServerRow } from './show-servers.ts'
import { startSshd } from './sshd.ts'

/** What a fleet can be asked to do. Each returns when it is so. */
interface FleetActions extends AsyncDisposable {
  /** Stops every process of the fleet. Its files stay. */
  down(): Promise<void>
  /** Reads every server on every box that runs. */
  showServers(): Promise<ServerRow[]>
  /** Reloads a box's HAProxy, which forgets states and weights; gives the new worker's pid. */
  reloadBox(name: string): Promise<number>
  /** Ends the SSH server of a VM or box, its sessions, and what they run. */
  stopSshd(name: string): Promise<void>
  /** Starts it again; `settings` are lines of its configuration that come before the usual ones. */
  startSshd(name: string, settings?: readonly string[]): Promise<void>
  /** Ends a box's HAProxy. */
  stopBox(name: string): Promise<void>
  startBox(name: string): Promise<void>
  /** Ends a box's HAProxy and starts another one, by the path of its program, with the same configuration. */
  replaceHaproxy(name: string, program: string): Promise<void>
  /** Ends all that runs on a VM or box, and starts it again. */
  reboot(name: string): Promise<void>
  /** Ends Redis; what was written stays for `startRedis`. */
  stopRedis(): Promise<void>
  startRedis(): Promise<void>
  /** Ends Chef; its client's key and nodes stay for `startChef`. */
  stopChef(): Promise<void>
  startChef(): Promise<void>
  /** Changes a node in Chef, and returns when searches find it so. */
  updateNode(name: string, change: (node: ChefNode) => ChefNode): Promise<ChefNode>
}

/** A fleet that runs: what it is, and what it can be asked to do. */
export type Fleet = Readonly<FleetState> & FleetActions

/** Opens the fleet that another process started in that folder. */
export function openFleet(dir: string): Fleet {
  const state = readFleetState(dir)
  if (!state) throw new Error(`there is no fleet in ${dir}: no fleet.json`)
  return createFleet(state)
}

/** Gives the fleet of a state. */
export function createFleet(state: FleetState): Fleet {
  const down = () => stopProcesses(state, () => true)
  const stop = (process: string) => stopProcesses(state, ({ name }) => name === process)
  const startBox = async (box: FleetBox) => {
    await startHaproxy(state, box)
    await waitUntilServersUp(state, box)
  }
  const actions: FleetActions = {
    down,
    [Symbol.asyncDispose]: down,
    showServers: async () => {
      const running = state.boxes.filter(({ name }) => state.processes.some((p) => p.name === `haproxy ${name}`))
      return (await Promise.all(running.map(({ name }) => showServers(state, name)))).flat()
    },
    reloadBox: (name) => reloadHaproxy(state, findBox(state, name).name),
    stopSshd: (name) => stop(`sshd ${findMachine(state, name).name}`),
    startSshd: (name, settings = []) => startSshd(state, findMachine(state, name), { settings }),
    stopBox: (name) => stop(`haproxy ${findBox(state, name).name}`),
    startBox: (name) => startBox(findBox(state, name)),
    replaceHaproxy: async (name, program) => {
      const box = findBox(state, name)
      await stop(`haproxy ${name}`)
      box.program = program
      await startBox(box)
    },
    reboot: async (name) => {
      const machine = findMachine(state, name)
      const box = state.boxes.find((each) => each.name === name)
      const host = state.hosts.find((each) => each.name === name)
      const services = applicationsOf(state).map((application) => runsvOf(state, name, application.name))
      const own = [`sshd ${name}`, `haproxy ${name}`, ...services]
      await stopProcesses(state, (process) => own.includes(process.name))
      await Promise.all([startSshd(state, machine), box && startBox(box), host && startApps(state, host)])
    },
    stopRedis: () => stop('redis'),
    startRedis: () => startRedis(state),
    stopChef: () => stop('goiardi'),
    startChef: () => startGoiardi(state),
    updateNode: (name, change) => updateNode(state, name, change),
  }
  // The state itself, not a copy: its processes change.
  return Object.assign(state, actions)
}

function findMachine(state: FleetState, name: string): { name: string; address: string } {
  const found = [...state.hosts, ...state.boxes].find((machine) => machine.name === name)
  if (!found) throw new Error(`the fleet has no machine ${name}`)
  return found
}

function findBox(state: FleetState, name: string): FleetBox {
  const found = state.boxes.find((box) => box.name === name)
  if (!found) throw new Error(`the fleet has no box ${name}`)
  return found
}
