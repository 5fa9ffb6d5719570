import { readdir } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { median } from '../bench/system/statistics.ts'
import type { Judgement } from './fit-trend.ts'
import { liveBytes } from './live-memory.ts'
import type { SoakSystem } from './start-soak.ts'

const mebibyte = 1024 * 1024
const memory: Judgement = { share: 0.05, besides: 3 }
const few: Judgement = { share: 0, besides: 3 }
const latency: Judgement = { share: 0.25, besides: 1 }

/** What is measured, in its unit, and when it counts as flat. */
export const measures = {
  'API live memory, MiB': memory,
  'worker live memory, MiB': memory,
  // Its callers keep as many connections as they have calls at once.
  'API descriptors': { share: 0, besides: 10 },
  'worker descriptors': few,
  // The audit log keeps all that people did.
  'Redis memory but for the audit log, MiB': { share: 0.1, besides: 1 },
  'Redis keys without expiry': { share: 0.1, besides: 20 },
  'Redis connections': few,
  'list, times a bare answer': latency,
  'deployment, times a bare answer': latency,
} satisfies Record<string, Judgement>

export type Measure = keyof typeof measures

const calls = 30
const settleMs = 500
const settleLooks = 120

/** Measures a system at rest: nobody deploys, nothing fails, and old records have been removed. */
export async function takeSample({ client, url, redis, pids, dir }: SoakSystem): Promise<Record<Measure, number>> {
  const keys = await settled(() => keysAfterRemoval(redis))
  const { deployments } = await client.listDeployments({ limit: 50 })
  const { id } = deployments[0]!
  // What else the machine does makes all of them longer.
  const [bare, list, one] = await mediansOf([
    () => fetch(`${url}/livez`).then((answer) => answer.arrayBuffer()),
    () => client.listDeployments({ limit: 50 }),
    () => client.getDeployment(id),
  ])
  const info = await redis.info()
  const infoOf = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1])
  return {
    'API live memory, MiB': (await liveBytes(pids.api, dir)) / mebibyte,
    'worker live memory, MiB': (await liveBytes(pids.worker, dir)) / mebibyte,
    'API descriptors': await countDescriptors(pids.api),
    'worker descriptors': await countDescriptors(pids.worker),
    'Redis memory but for the audit log, MiB': (infoOf('used_memory') - (await auditLogBytes(redis))) / mebibyte,
    'Redis keys without expiry': keys,
    'Redis connections': infoOf('connected_clients'),
    'list, times a bare answer': list! / bare!,
    'deployment, times a bare answer': one! / bare!,
  }
}

/** Undefined while a worker removes old records, or waits to, as one that was killed while it did keeps others from it for some seconds. */
async function keysAfterRemoval(redis: SoakSystem['redis']): Promise<number | undefined> {
  return (await redis.exists('vesemir:lock:retention')) === 1 ? undefined : keysWithoutExpiry(redis)
}

/** Of all entries, not of some from which the rest is guessed. */
async function auditLogBytes(redis: SoakSystem['redis']): Promise<number> {
  return (await redis.memory('USAGE', 'vesemir:audit', 'SAMPLES', 0)) ?? 0
}

/** Plans and idempotency keys go after a day. */
async function keysWithoutExpiry(redis: SoakSystem['redis']): Promise<number> {
  const [, keys, expiring] = /^db0:keys=(\d+),expires=(\d+)/m.exec(await redis.info('keyspace'))!
  return Number(keys) - Number(expiring)
}

/** Looks until there is a number that stays the same. */
async function settled(look: () => Promise<number | undefined>): Promise<number> {
  let last = await look()
  for (let looks = 0; looks < settleLooks; looks += 1) {
    await setTimeout(settleMs)
    const next = await look()
    if (next !== undefined && next === last) return next
    last = next
  }
  throw new Error(`${last} keys, and it still changes with nobody deploying`)
}

/** Makes the calls in turn, often, and returns how long each took in the middle, in milliseconds. */
async function mediansOf(timed: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const durations = timed.map((): number[] => [])
  for (let round = 0; round < calls; round += 1)
    for (const [index, call] of timed.entries()) {
      const startedMs = performance.now()
      await call()
      durations[index]!.push(performance.now() - startedMs)
    }
  return durations.map(median)
}

async function countDescriptors(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length
}
