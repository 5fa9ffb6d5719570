// `npm run bench:scale [-- --only sizes,in-flight,workers] [--hosts 250,1000,5000] [--concurrency 50] [--profile <folder>]`: one
// deployment to many hosts, what it costs for each of them, and how the API shows it; what a host in flight takes of memory;
// and what a second worker is worth. The last line of stdout is one JSON object.
import { parseArgs } from 'node:util'
import { printResult, printTable, say } from '../system/say.ts'
import { profileArgs, startBenchSystem } from '../system/start-system.ts'
import { median, rounded } from '../system/statistics.ts'
import { measurePages } from './measure-pages.ts'
import { measureRollout, type RolloutFigures, type Scenario } from './measure-rollout.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'sizes,in-flight,workers' },
    hosts: { type: 'string', default: '250,1000,5000' },
    concurrency: { type: 'string', default: '50' },
    profile: { type: 'string' },
  },
})
const wanted = new Set(values.only.split(','))

await using system = await startBenchSystem()
const result = {
  ...(wanted.has('sizes') ? await measureSizes() : {}),
  ...(wanted.has('in-flight') ? await measureInFlight() : {}),
  ...(wanted.has('workers') ? await measureWorkers() : {}),
}
printResult(result)

async function measureSizes(): Promise<object> {
  const concurrency = Number(values.concurrency)
  const bySize: RolloutFigures[] = []
  for (const hosts of values.hosts.split(',').map(Number))
    bySize.push(await measure({ hosts, concurrency, nodeArgs: profileArgs(values.profile) }))
  const [smallest, biggest] = [bySize[0]!, bySize.at(-1)!]
  say('the pages of the biggest')
  const pages = Object.entries(await measurePages(system, biggest.id))
  printTable(bySize.map(rowOf))
  printTable([Object.fromEntries(pages.map(([page, ms]) => [`${page} ms`, rounded(ms)]))])
  say(`Redis commands of ${biggest.hosts} hosts: ${JSON.stringify(biggest.commands)}`)
  return {
    hosts: biggest.hosts,
    concurrency,
    wallToLinear: rounded(wallToFloor(biggest) / wallToFloor(smallest)),
    wallToFloor: rounded(wallToFloor(biggest)),
    cpuPerHostToSmallest: rounded(biggest.workerCpuMsPerHost / smallest.workerCpuMsPerHost),
    workerCpuMsPerHost: rounded(biggest.workerCpuMsPerHost),
    redisCommandsPerHost: bySize.map((run) => Math.round(run.commandsPerHost)),
    pageMs: Object.fromEntries(pages.map(([page, ms]) => [page, rounded(ms)])),
  }
}

async function measureInFlight(): Promise<object> {
  const [fewest, most] = [20, 200]
  const narrow = await measure({ hosts: 400, concurrency: fewest })
  const wide = await measure({ hosts: 400, concurrency: most })
  printTable([narrow, wide].map(rowOf))
  const bytes = (wide.peakWorkerBytes - narrow.peakWorkerBytes) / (most - fewest)
  return { megabytesPerHostInFlight: rounded(bytes / 1024 / 1024) }
}

/**
 * With so little CPU for each worker that it binds while the machine has room. Rounds in which others took that room are told
 * and not counted.
 */
async function measureWorkers(): Promise<object> {
  const scenario = { hosts: 800, concurrency: 400, restartMs: 200, workerShare: 0.25 }
  const [rounds, leastIdle] = [3, 0.25]
  const pairs: { one: RolloutFigures; two: RolloutFigures }[] = []
  for (let round = 1; round <= rounds; round += 1)
    pairs.push({
      one: await measure({ ...scenario, workers: 1 }),
      two: await measure({ ...scenario, workers: 2 }),
    })
  const counted = pairs.filter(({ one, two }) => Math.min(one.machineIdle, two.machineIdle) >= leastIdle)
  printTable(pairs.flatMap(({ one, two }) => [one, two]).map((run) => ({ ...rowOf(run), ...boundOf(run, scenario) })))
  if (counted.length < rounds)
    say(`counted are ${counted.length} of ${rounds} rounds: in the others the machine had less than ${leastIdle} left`)
  const ratios = counted.map(({ one, two }) => two.wallMs / one.wallMs)
  return { wallOfTwoWorkersToOne: ratios.length > 0 ? rounded(median(ratios)) : null }
}

async function measure(scenario: Omit<Scenario, 'restartMs'> & { restartMs?: number }): Promise<RolloutFigures> {
  say(`${scenario.hosts} hosts, ${scenario.concurrency} at once, ${scenario.workers ?? 1} worker(s)`)
  return measureRollout(system, { restartMs: 2000, ...scenario })
}

/** Against hosts that did nothing but restart, without a pause between one and the next. */
function wallToFloor({ hosts, concurrency: atOnce, restartMs, wallMs }: RolloutFigures): number {
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

/** Shows what bound: the workers' CPU, when they had all of their shares and the machine had time left. */
function boundOf(
  { coreOfEachWorker, machineIdle }: RolloutFigures,
  { workerShare }: { workerShare: number },
): Record<string, string> {
  return {
    'share used': coreOfEachWorker.map((core) => (core / workerShare).toFixed(2)).join(' '),
    'machine idle': machineIdle.toFixed(2),
  }
}
