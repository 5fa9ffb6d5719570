import type { Part } from '../system/start-part.ts'
import type { BenchSystem } from '../system/start-system.ts'
import { cpuMs, watchMemory } from '../system/process-usage.ts'
import { commandsBetween, countCommands } from './redis-commands.ts'
import { runDeployment } from './run-deployment.ts'
import { startHosts } from './start-hosts.ts'

export interface Scenario {
  hosts: number
  concurrency: number
  restartMs: number
  workers?: number
  /** A folder for the worker's CPU profile. */
  nodeArgs?: string[]
}

export interface RolloutFigures extends Pick<Scenario, 'hosts' | 'concurrency'> {
  workers: number
  id: string
  wallMs: number
  planMs: number
  workerCpuMsPerHost: number
  /** Of the worker that had most to do. */
  busiestWorkerCpuMs: number
  redisCpuMsPerHost: number
  farmCpuMsPerHost: number
  commandsPerHost: number
  commands: Record<string, number>
  /** Of the first worker. */
  peakWorkerBytes: number
  /** The deployment's record, events and log in Redis. */
  recordBytes: number
}

/** Rolls a version out to so many hosts by workers that start for it, and tells what that took. */
export async function measureRollout(system: BenchSystem, scenario: Scenario): Promise<RolloutFigures> {
  const { hosts, concurrency, restartMs, workers: workerCount = 1, nodeArgs = [] } = scenario
  await using farm = await startHosts(system.dir, { hosts, restartMs })
  await using closing = new AsyncDisposableStack()
  const workers: Part[] = []
  for (let index = 1; index <= workerCount; index += 1)
    workers.push(
      closing.use(
        await system.startWorker({
          name: `worker-${index}`,
          hostsAtOnce: Math.ceil(concurrency / workerCount),
          cluster: farm.cluster,
          nodeArgs,
        }),
      ),
    )
  const cpuNow = async () => ({
    workers: await Promise.all(workers.map(({ pid }) => cpuMs(pid))),
    redis: await cpuMs(system.redisPid),
    farm: await cpuMs(farm.pid),
  })
  const memory = closing.use(watchMemory(workers[0]!.pid))
  // Once for connections, code and caches.
  await runDeployment(system, { version: '1.0.0', concurrency })
  const before = { cpu: await cpuNow(), commands: await countCommands(system.redis) }
  const { id, rolloutMs, planMs } = await runDeployment(system, { version: '2.0.0', concurrency })
  const after = { cpu: await cpuNow(), commands: await countCommands(system.redis) }
  const commands = commandsBetween(before.commands, after.commands)
  const workerCpuMs = after.cpu.workers.map((ms, index) => ms - before.cpu.workers[index]!)
  return {
    hosts,
    concurrency,
    workers: workerCount,
    id,
    wallMs: rolloutMs,
    planMs,
    workerCpuMsPerHost: workerCpuMs.reduce((total, ms) => total + ms, 0) / hosts,
    busiestWorkerCpuMs: Math.max(...workerCpuMs),
    redisCpuMsPerHost: (after.cpu.redis - before.cpu.redis) / hosts,
    farmCpuMsPerHost: (after.cpu.farm - before.cpu.farm) / hosts,
    commandsPerHost: Object.values(commands).reduce((total, calls) => total + calls, 0) / hosts,
    commands,
    peakWorkerBytes: memory.peakBytes(),
    recordBytes: await memoryOf(system.redis, id),
  }
}

async function memoryOf(redis: BenchSystem['redis'], id: string): Promise<number> {
  const record = `vesemir:deployment:${id}`
  const sizes = [record, `${record}:events`, `${record}:log`].map((key) => redis.memory('USAGE', key, 'SAMPLES', 0))
  return (await Promise.all(sizes)).reduce<number>((total, bytes) => total + (bytes ?? 0), 0)
}
