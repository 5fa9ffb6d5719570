// `npm run bench:scale [-- --hosts 250,1000,5000] [--concurrency 50] [--profile <folder>]`: one deployment to many hosts,
// what it costs for each of them, and how the API shows it. The last line of stdout is one JSON object.
import { parseArgs } from 'node:util'
import { printResult, printTable, say } from '../system/say.ts'
import { profileArgs, startBenchSystem, type BenchSystem } from '../system/start-system.ts'
import { rounded } from '../system/statistics.ts'
import { measurePages } from './measure-pages.ts'
import { measureRollout, type RolloutFigures, type Scenario } from './measure-rollout.ts'

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '250,1000,5000' },
    concurrency: { type: 'string', default: '50' },
    profile: { type: 'string' },
  },
})
const sizes = values.hosts.split(',').map(Number)
const concurrency = Number(values.concurrency)
const restartMs = 2000

await using system = await startBenchSystem()
const bySize: RolloutFigures[] = []
for (const hosts of sizes)
  bySize.push(await measure(system, { hosts, concurrency, nodeArgs: profileArgs(values.profile) }))
say('the pages of the biggest')
const pages = await measurePages(system, bySize.at(-1)!.id)
const [fewest, most] = [20, 200]
const narrow = await measure(system, { hosts: 400, concurrency: fewest })
const wide = await measure(system, { hosts: 400, concurrency: most })
const pair = await measure(system, { hosts: 400, concurrency: most, workers: 2 })

printTable([...bySize, narrow, wide, pair].map(rowOf))
printTable([Object.fromEntries(Object.entries(pages).map(([page, ms]) => [`${page} ms`, rounded(ms)]))])
const [smallest, biggest] = [bySize[0]!, bySize.at(-1)!]
say(`Redis commands of ${biggest.hosts} hosts: ${JSON.stringify(biggest.commands)}`)
printResult({
  hosts: biggest.hosts,
  concurrency,
  wallToLinear: rounded(wallToFloor(biggest) / wallToFloor(smallest)),
  wallToFloor: rounded(wallToFloor(biggest)),
  cpuPerHostToSmallest: rounded(biggest.workerCpuMsPerHost / smallest.workerCpuMsPerHost),
  workerCpuMsPerHost: rounded(biggest.workerCpuMsPerHost),
  redisCommandsPerHost: bySize.map((run) => Math.round(run.commandsPerHost)),
  megabytesPerHostInFlight: rounded((wide.peakWorkerBytes - narrow.peakWorkerBytes) / (most - fewest) / 1024 / 1024),
  busiestWorkerCpuOfTwo: rounded(pair.busiestWorkerCpuMs / wide.busiestWorkerCpuMs),
  pageMs: Object.fromEntries(Object.entries(pages).map(([page, ms]) => [page, rounded(ms)])),
})

async function measure(on: BenchSystem, scenario: Omit<Scenario, 'restartMs'>): Promise<RolloutFigures> {
  say(`${scenario.hosts} hosts, ${scenario.concurrency} at once, ${scenario.workers ?? 1} worker(s)`)
  return measureRollout(on, { ...scenario, restartMs })
}

/** Against hosts that did nothing but restart, without a pause between one and the next. */
function wallToFloor({ hosts, concurrency: atOnce, wallMs }: RolloutFigures): number {
  return wallMs / (Math.ceil(hosts / atOnce) * restartMs)
}

function rowOf(run: RolloutFigures): Record<string, string | number> {
  return {
    hosts: run.hosts,
    'at once': run.concurrency,
    workers: run.workers,
    'plan ms': run.planMs,
    'wall s': rounded(run.wallMs / 1000),
    'wall / floor': rounded(wallToFloor(run)),
    'worker cpu ms/host': rounded(run.workerCpuMsPerHost),
    'redis cpu ms/host': rounded(run.redisCpuMsPerHost),
    'hosts cpu ms/host': rounded(run.farmCpuMsPerHost),
    'redis commands/host': Math.round(run.commandsPerHost),
    'record KB/host': rounded(run.recordBytes / run.hosts / 1024),
    'worker peak MB': Math.round(run.peakWorkerBytes / 1024 / 1024),
  }
}
