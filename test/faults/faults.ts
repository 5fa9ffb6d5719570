import { setTimeout } from 'node:timers/promises'
import { findProcess } from '../../infra/fleet/processes.ts'
import { processTrees } from '../../infra/fleet/process-table.ts'
import type { System } from '../support/start-system.ts'
import type { Random } from './random.ts'
import type { Outage } from './resume-times.ts'
import { waitFor } from '../../infra/fleet/wait-for.ts'

/** What a fault finds when it strikes. */
export interface Scene {
  system: System
  random: Random
  workers: readonly string[]
  /** The host that had just begun a step. */
  host: string
}

/** What a fault leaves to be done and to be known. */
export interface Aftermath {
  outage?: Outage
  /** Boxes that nobody reaches until the fault is over: of traffic there, a record can only say that it does not know. */
  lostBoxes?: readonly string[]
  /** Puts right what the fault broke, once the deployment has ended; until then it lasts. */
  heal?: () => Promise<void>
}

export type Fault = (scene: Scene) => Promise<Aftermath>

/** Longer than the 6 s for which a worker's locks last. */
const pauseMs = 8_000
const redisAwayMs = 5_000

/** The box that may be lost: load that must not fail goes through the others. */
export const doomedBox = 'lb-2'

/** Everything that is done to a deployment, by name. */
export const faults = {
  'a worker is killed': async ({ system, random, workers }) => {
    const worker = random.pick(workers)
    kill(system, worker, 'SIGKILL')
    const atMs = Date.now()
    await setTimeout(random.between(0, 3_000))
    await system.startWorker(worker)
    return { outage: { workers: [worker], atMs, workerThereAtMs: atMs } }
  },
  'all workers are killed at once': async ({ system, random, workers }) => {
    for (const worker of workers) kill(system, worker, 'SIGKILL')
    const atMs = Date.now()
    await setTimeout(random.between(0, 3_000))
    const there = await Promise.all(workers.map((worker) => system.startWorker(worker).then(() => Date.now())))
    return { outage: { workers, atMs, workerThereAtMs: Math.min(...there) } }
  },
  'a worker stands still for longer than its lock': async ({ system, random, workers }) => {
    const worker = random.pick(workers)
    kill(system, worker, 'SIGSTOP')
    const atMs = Date.now()
    await setTimeout(pauseMs)
    kill(system, worker, 'SIGCONT')
    return { outage: { workers: [worker], atMs, workerThereAtMs: atMs } }
  },
  'all workers stand still for longer than their locks': async ({ system, workers }) => {
    for (const worker of workers) kill(system, worker, 'SIGSTOP')
    const atMs = Date.now()
    await setTimeout(pauseMs)
    for (const worker of workers) kill(system, worker, 'SIGCONT')
    return { outage: { workers, atMs, workerThereAtMs: Date.now() } }
  },
  'Redis is away for 5 s': async ({ system: { fleet, url } }) => {
    await fleet.stopRedis()
    await setTimeout(redisAwayMs)
    await fleet.startRedis()
    // The deployment may have ended when it went: then nothing else tells that the API has found it again.
    await waitFor(async () => (await fetch(`${url}/readyz`)).ok, { what: 'the API has Redis again', timeoutMs: 10_000 })
    return {}
  },
  'the API is killed and started again': async ({ system }) => {
    kill(system, 'api', 'SIGKILL')
    await system.startApi()
    return {}
  },
  'HAProxy is reloaded': async ({ system: { fleet }, random }) => {
    await fleet.reloadBox(random.pick(fleet.boxes).name)
    return {}
  },
  'the sshd of a host is killed': async ({ system: { fleet }, host }) => {
    await fleet.stopSshd(host)
    return { heal: () => fleet.startSshd(host) }
  },
  'a host accepts connections and hangs': async ({ system: { fleet }, host }) => {
    const tree = processTrees([findProcess(fleet, `sshd ${host}`)])
    for (const { pid } of tree) signalIfThere(pid, 'SIGSTOP')
    return {
      heal: async () => {
        for (const { pid } of processTrees(tree)) signalIfThere(pid, 'SIGCONT')
      },
    }
  },
  'one HAProxy of two is down': async ({ system: { fleet } }) => {
    await fleet.stopBox(doomedBox)
    return { lostBoxes: [doomedBox], heal: () => fleet.startBox(doomedBox) }
  },
  'the sshd of a box is killed': async ({ system: { fleet } }) => {
    await fleet.stopSshd(doomedBox)
    return { lostBoxes: [doomedBox], heal: () => fleet.startSshd(doomedBox) }
  },
} satisfies Record<string, Fault>

export type FaultName = keyof typeof faults

/** Of a tree, a process may end between the look at it and its turn here. */
function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function kill({ fleet }: System, name: string, signal: NodeJS.Signals): void {
  process.kill(findProcess(fleet, name).pid, signal)
}
