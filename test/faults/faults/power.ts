import { readdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { stepNames } from '@vesemir/contract'
import { Redis } from 'ioredis'
import type { Fleet } from '../../../infra/fleet/fleet.ts'
import { findProcess } from '../../../infra/fleet/processes.ts'
import { isAlive } from '../../../infra/fleet/process-table.ts'
import { waitFor } from '../../../infra/fleet/wait-for.ts'
import type { System } from '../../support/start-system.ts'
import { restoreByHand } from '../set-by-hand.ts'
import type { Aftermath, Fault, Scene } from './fault.ts'
import { signal } from './signals.ts'

/** With `appendfsync everysec` as much may be lost: Redis's documentation on persistence. */
const mostForgottenMs = 1_000

/** What happens to everything of Vesemir's at once, Redis included. HAProxy and the hosts go on. */
export const powerFaults = {
  'everything is killed': {
    async strike(scene) {
      await setFsync(scene.system.fleet, 'always')
      const atMs = killAll(scene)
      const workerThereAtMs = await startAll(scene)
      return { outage: { workers: scene.workers, atMs, workerThereAtMs } }
    },
  },
  'the machine of Redis loses power': {
    // What was asked for must be older than what is forgotten.
    steps: stepNames.filter((step) => step !== 'connect'),
    async strike(scene): Promise<Aftermath> {
      const { fleet } = scene.system
      await setFsync(fleet, 'everysec')
      const file = await findAppendFile(fleet)
      const { size } = await stat(file)
      await setTimeout(scene.random.between(0, mostForgottenMs))
      killAll(scene)
      await waitFor(() => !isAlive(findProcess(fleet, 'redis')), { what: 'Redis has ended', timeoutMs: 5_000 })
      await truncate(file, size)
      await startAll(scene)
      return { hasForgotten: true, heal: () => restoreByHand(fleet, scene.before.servers) }
    },
  },
} satisfies Record<string, Fault>

function killAll({ system, workers }: Scene): number {
  for (const name of ['redis', 'api', ...workers]) signal(system, name, 'SIGKILL')
  return Date.now()
}

/** Gives when the first worker was there. */
async function startAll({ system, workers }: Scene): Promise<number> {
  await untilFree(system)
  await system.fleet.startRedis()
  const there = workers.map((worker) => system.startWorker(worker).then(() => Date.now()))
  const [first] = await Promise.all([Promise.any(there), system.startApi(), ...there])
  return first
}

/** A process that was killed may listen for some milliseconds still. */
async function untilFree({ fleet }: System): Promise<void> {
  const gone = () => ['redis', 'api'].every((name) => !isAlive(findProcess(fleet, name)))
  await waitFor(gone, { what: 'Redis and the API have ended', timeoutMs: 5_000 })
}

async function setFsync({ redisUrl }: Fleet, policy: 'always' | 'everysec'): Promise<void> {
  const redis = new Redis(redisUrl)
  await redis.config('SET', 'appendfsync', policy)
  redis.disconnect()
}

/** Redis appends to the newest file of increments: its documentation on persistence, multi-part AOF. */
async function findAppendFile({ dir }: Fleet): Promise<string> {
  const folder = join(dir, 'redis', 'appendonlydir')
  const files = (await readdir(folder)).filter((name) => name.endsWith('.incr.aof'))
  return join(folder, files.toSorted().at(-1)!)
}
