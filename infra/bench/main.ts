import { join } from 'node:path'
import { readOptions } from './options.ts'
import { runBench } from './run-bench.ts'
import { loadOf, ratiosOf, summarise } from './summarise.ts'
import { printResult, say } from './system/say.ts'
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
  printResult({ hosts, concurrency, ...ratiosOf(check, summaries), wallToFloorByProbe, failedRequests })
}
if (failed.some((count) => count > 0)) process.exitCode = 1
