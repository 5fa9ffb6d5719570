import type { Run } from './measure.ts'
import { countsOf, loadOf, ratiosOf, summarise } from './summarise.ts'
import { tools } from './tools.ts'

/** Writes medians and ratios as a table in Markdown. */
export function tableOf(runs: readonly Run[]): string {
  const summaries = summarise(runs)
  const rows = summaries.map((summary) => {
    const { wallToFloor, cpuToFabric } = ratiosOf(summary, summaries)
    const load = loadOf(runs, summary)
    const counts = countsOf(runs, summary)
    return [
      summary.hosts,
      summary.concurrency,
      tools[summary.tool].title,
      inDigits(summary.wallSeconds),
      inDigits(summary.cpuSeconds),
      inDigits(summary.fleetCpuSeconds),
      counts ? Math.round(counts.processes) : '–',
      counts ? Math.round(counts.channels) : '–',
      Math.round(summary.peakMegabytes),
      inDigits(wallToFloor),
      inDigits(cpuToFabric),
      load ? `${load.failed} of ${load.sent}` : '–',
    ]
  })
  return [head, head.map((_, index) => (index === 2 ? '---' : '--:')), ...rows].map(rowOf).join('\n')
}

const head = [
  'hosts',
  'at once',
  'tool',
  'wall s',
  'CPU s',
  'machines’ CPU s',
  'processes a host',
  'channels a host',
  'peak MB',
  'wall to floor',
  'CPU to Fabric',
  'requests failed',
]

function rowOf(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`
}

function inDigits(number: number | null | undefined): string {
  return number?.toFixed(2) ?? '–'
}
