import { join } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { readOptions } from './options.ts'
import type { DeltaFigures } from './pipes/measure-delta.ts'
import { runDelta } from './pipes/run-delta.ts'
import { runBench } from './run-bench.ts'
import { countsOf, loadOf, ratiosOf, summarise } from './summarise.ts'
import { printResult, say } from './system/say.ts'
import { startBenchSystem } from './system/start-system.ts'
import { tableOf } from './table.ts'
import { vesemirs } from './tools.ts'
import { writeReport } from './write-report.ts'

const root = join(import.meta.dirname, '../..')
const { cases, rounds, json, write } = readOptions(process.argv.slice(2))
const runs = await runBench(cases, rounds)
say(`\n${tableOf(runs)}`)
if (write) await writeReport(root, runs)

const summaries = summarise(runs)
const own = summaries.filter(({ tool }) => vesemirs.includes(tool))
const failed = own.map((summary) => loadOf(runs, summary)?.failed ?? 0)
const [check, probe] = vesemirs.map((name) => own.find(({ tool }) => tool === name))
if (json && check) {
  const { hosts, concurrency } = check
  const wallToFloorByProbe = probe ? ratiosOf(probe, summaries).wallToFloor : null
  const failedRequests = failed.reduce((total, count) => total + count, 0)
  const { bytesSent, bytesChanged } = await measureChange()
  const ratios = { ...ratiosOf(check, summaries), wallToFloorByProbe }
  const counts = countsOf(runs, check) ?? { processes: null, channels: null }
  printResult({ hosts, concurrency, ...ratios, ...counts, bytesSent, bytesChanged, failedRequests })
}
if (failed.some((count) => count > 0)) process.exitCode = 1

/** A release of which a hundredth has changed, as a host that has the one before gets it. */
async function measureChange(): Promise<DeltaFigures> {
  await using system = await startBenchSystem()
  const artifacts = join(system.dir, 'artifacts')
  await mkdir(artifacts)
  return await runDelta(system, { artifacts, hosts: 1, megabytes: 100 })
}
