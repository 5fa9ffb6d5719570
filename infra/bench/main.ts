import { join } from 'node:path'
import { readOptions } from './options.ts'
import { runBench } from './run-bench.ts'
import { loadOf, ratiosOf, summarise } from './summarise.ts'
import { printResult, say } from './system/say.ts'
import { tableOf } from './table.ts'
import { writeReport } from './write-report.ts'

const root = join(import.meta.dirname, '../..')
const { cases, rounds, json, write } = readOptions(process.argv.slice(2))
const runs = await runBench(cases, rounds)
say(`\n${tableOf(runs)}`)
if (write) await writeReport(root, runs)

const summaries = summarise(runs)
for (const summary of summaries.filter(({ tool }) => tool === 'vesemir')) {
  const { hosts, concurrency } = summary
  const failedRequests = loadOf(runs, summary)?.failed ?? 0
  if (json) printResult({ hosts, concurrency, ...ratiosOf(summary, summaries), failedRequests })
  if (failedRequests > 0) process.exitCode = 1
}
