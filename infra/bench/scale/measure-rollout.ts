import { limitCpu } from '../system/limit-cpu.ts'
import { cpuMs, machineTime, watchMemory } from '../system/process-usage.ts'
import type { Part } from '../system/start-part.ts'
import type { BenchSystem } from '../system/start-system.ts'
import { commandsBetween, countCommands } from './redis-commands.ts'
import { runDeployment } from './run-deployment.ts'
import { startHosts } from './start-hosts.ts'

export interface Scenario {
  hosts: number
  concurrency: number
  restartMs: number
  workers?: number
  /** What each worker may have of a core in the deployment that is measured; as much as there is. */
  workerShare?: number
  /** A folder for the worker's CPU profile. */
  nodeArgs?: string[]
}

export interface RolloutFigures extends Pick<Scenario, 'hosts' | 'concurrency' | 'restartMs'> {
  workers: number
  id: string
  wallMs: number
  planMs: number
  workerCpuMsPerHost: number
  /** What each worker had of a core, from the request to the end. */
  coreOfEachWorker: number[]
  /** What all cores together had left meanwhile, from 0 to 1. */
  machineIdle: number
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
  const { hosts, concurrency, restartMs, workers: workerCount = 1, workerShare: share, nodeArgs = [] } = scenario
  await using farm = await startHosts(system.dir, { hosts, restartMs })
  await using closing = new AsyncDisposableStack()
  const workers: Part[] = []
  for (let index = 1; index <= workerCount; index += 1) {
    const options = { name: `worker-${index}`, maxConcurrentHosts: Math.ceil(concurrency / workerCount), nodeArgs }
    workers.push(closing.use(await system.startWorker({ ...options, cluster: farm.cluster })))
  }
  const look = async () => ({
    atMs: performance.now(),
    workers: await Promise.all(workers.map(({ pid }) => cpuMs(pid))),
    redis: await cpuMs(system.redisPid),
    farm: await cpuMs(farm.pid),
    machine: await machineTime(),
    commands: await countCommands(system.redis),
  })
  const memory = closing.use(watchMemory(workers[0]!.pid))
  // For code and caches: of two workers each walks as many hosts as one alone, whose code is compiled no better then.
  for (let warmUp = 1; warmUp <= workerCount; warmUp += 1)
    await runDeployment(system, { version: `1.0.${warmUp}`, concurrency })
  if (share !== undefined) for (const { pid } of workers) closing.use(await limitCpu(pid, { share, dir: system.dir }))
  const before = await look()
  const { id, rolloutMs, planMs } = await runDeployment(system, { version: '2.0.0', concurrency })
  const after = await look()
  const tookMs = after.atMs - before.atMs
  const commands = commandsBetween(before.commands, after.commands)
  const workerCpuMs = after.workers.map((ms, index) => ms - before.workers[index]!)
  return {
    hosts,
    concurrency,
    restartMs,
    workers: workerCount,
    id,
    wallMs: rolloutMs,
    planMs,
    workerCpuMsPerHost: workerCpuMs.reduce((total, ms) => total + ms, 0) / hosts,
    coreOfEachWorker: workerCpuMs.map((ms) => ms / tookMs),
    machineIdle: (after.machine.idleMs - before.machine.idleMs) / (after.machine.totalMs - before.machine.totalMs),
    redisCpuMsPerHost: (after.redis - before.redis) / hosts,
    farmCpuMsPerHost: (after.farm - before.farm) / hosts,
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
