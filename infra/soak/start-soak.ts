import type { Client } from '@vesemir/contract'
import { startHosts } from '../bench/scale/start-hosts.ts'
import { commands } from '../bench/scale/serve-host.ts'
import { cluster, startBenchSystem, type BenchSystem } from '../bench/system/start-system.ts'
import type { Part } from '../bench/system/start-part.ts'
import { liveMemoryArgs } from './live-memory.ts'

/** Vesemir with hosts that are played by one process. */
export interface SoakSystem extends AsyncDisposable, Pick<BenchSystem, 'client' | 'url' | 'token' | 'redis' | 'dir'> {
  applications: readonly string[]
  environment: string
  /** The processes that run from the beginning to the end. */
  pids: Record<'api' | 'worker', number>
  restartRedis(): Promise<void>
  /** Kills the second worker, and starts another in its place. */
  replaceWorker(): Promise<void>
}

const environment = 'production'
const hostsEach = 3
/** A worker removes old records when it starts, so that Redis has a bound here as in a year. */
const settings = { retention: { keepDays: 0, keepLast: 5 } }

/** Starts Redis, the API, two workers and the hosts of so many applications, which are registered. */
export async function startSoak({ applications: count }: { applications: number }): Promise<SoakSystem> {
  await using closing = new AsyncDisposableStack()
  const system = closing.use(await startBenchSystem({ nodeArgs: liveMemoryArgs }))
  const applications = Array.from({ length: count }, (_, index) => `soak-${index + 1}`)
  const farm = closing.use(await startHosts(system.dir, { hosts: count * hostsEach, restartMs: 20, applications }))
  const startWorker = (name: string, nodeArgs: string[] = []) =>
    system.startWorker({ name, cluster: farm.cluster, settings, nodeArgs })
  const worker = closing.use(await startWorker('worker-1', liveMemoryArgs))
  let second: Part = await startWorker('worker-2')
  closing.defer(() => second[Symbol.asyncDispose]())
  for (const name of applications) await system.client.putApplication(definitionOf(name))
  const open = closing.move()
  return {
    dir: system.dir,
    client: system.client,
    url: system.url,
    token: system.token,
    redis: system.redis,
    applications,
    environment,
    pids: { api: system.api.pid, worker: worker.pid },
    restartRedis: () => system.restartRedis(),
    async replaceWorker() {
      process.kill(second.pid, 'SIGKILL')
      second = await startWorker('worker-2')
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

function definitionOf(name: string): Parameters<Client['putApplication']>[0] {
  return {
    name,
    team: 'core',
    cluster,
    hosts: {},
    loadBalancer: { kind: 'none' },
    changeset: { strategy: 'command', commands: [commands.install], rollback: [commands.install] },
    service: { restart: commands.restart },
    healthCheck: { kind: 'http', port: 80, path: '/healthz', interval: '100ms', successes: 1 },
    environments: { [environment]: {} },
    acceptLowCapacity: true,
  }
}
