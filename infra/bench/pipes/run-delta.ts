import { say } from '../system/say.ts'
import type { BenchSystem } from '../system/start-system.ts'
import { measureDelta, type DeltaFigures } from './measure-delta.ts'
import { startRealHost } from './start-real-host.ts'

/** Starts hosts and a worker, and measures how a release of which a hundredth has changed reaches them. */
export async function runDelta(
  system: BenchSystem,
  { artifacts, hosts: count, megabytes }: { artifacts: string; hosts: number; megabytes: number },
): Promise<DeltaFigures> {
  const hosts = Array.from({ length: count }, (_, index) => `host-${index + 1}`)
  await using host = await startRealHost(system.dir, hosts)
  await using _worker = await system.startWorker({
    name: 'worker',
    cluster: { ...host.cluster, changesets: { artifact: { folders: [artifacts] } } },
  })
  say(`${megabytes} MB of which a hundredth has changed, to ${count} hosts`)
  return await measureDelta(system, { host, hosts, megabytes, artifacts })
}
