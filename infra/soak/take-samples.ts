import { readdir } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { residentBytes } from '../bench/system/process-usage.ts'
import type { Judgement, Sample } from './fit-trend.ts'
import type { SoakSystem } from './start-soak.ts'

const mebibyte = 1024 * 1024
/** The least: what else the machine does makes all others longer. */
const latency: Judgement = { share: 0.25, besides: 20 }
const memory: Judgement = { share: 0.05, besides: 8 }
const few: Judgement = { share: 0, besides: 3 }
/** Its callers keep as many connections as they have calls at once. */
const calls: Judgement = { share: 0, besides: 10 }

/** What is measured, in its unit, and when it counts as flat. */
export const measures = {
  'API memory, MiB': memory,
  'worker memory, MiB': memory,
  'API descriptors': calls,
  'worker descriptors': few,
  'Redis memory, MiB': { share: 0.1, besides: 1 },
  'Redis keys without expiry': { share: 0.1, besides: 20 },
  'Redis connections': few,
  'list of deployments, ms': latency,
  'one deployment, ms': latency,
} satisfies Record<string, Judgement>

export type Measure = keyof typeof measures
export type Samples = Record<Measure, Sample[]>

/** Measures again and again until the signal. What cannot be measured while a part is away is left out. */
export async function takeSamples(
  system: SoakSystem,
  { everyMs, signal }: { everyMs: number; signal: AbortSignal },
): Promise<Samples> {
  const samples = Object.fromEntries(Object.keys(measures).map((name) => [name, []])) as unknown as Samples
  while (!signal.aborted) {
    const values = await measure(system).catch(() => undefined)
    const atMs = performance.now()
    for (const [name, value] of Object.entries(values ?? {})) samples[name as Measure].push({ atMs, value })
    await setTimeout(everyMs, undefined, { signal }).catch(() => {})
  }
  return samples
}

async function measure({ client, redis, pids }: SoakSystem): Promise<Record<Measure, number>> {
  const list = await timed(() => client.listDeployments({ limit: 50 }))
  const { id } = list.result.deployments[0]!
  const one = await timed(() => client.getDeployment(id))
  const info = await redis.info()
  // Plans and idempotency keys go after a day.
  const [, keys, expiring] = /^db0:keys=(\d+),expires=(\d+)/m.exec(info)!
  const infoOf = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1])
  return {
    'API memory, MiB': (await residentBytes(pids.api)) / mebibyte,
    'worker memory, MiB': (await residentBytes(pids.worker)) / mebibyte,
    'API descriptors': await countDescriptors(pids.api),
    'worker descriptors': await countDescriptors(pids.worker),
    'Redis memory, MiB': infoOf('used_memory') / mebibyte,
    'Redis keys without expiry': Number(keys) - Number(expiring),
    'Redis connections': infoOf('connected_clients'),
    'list of deployments, ms': list.tookMs,
    'one deployment, ms': one.tookMs,
  }
}

async function timed<Result>(call: () => Promise<Result>): Promise<{ result: Result; tookMs: number }> {
  const startedMs = performance.now()
  const result = await call()
  return { result, tookMs: performance.now() - startedMs }
}

async function countDescriptors(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length
}
