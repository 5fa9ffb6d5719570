import type { MachineCounts } from './count-on-machines.ts'
import type { Run } from './measure.ts'
import { median } from './system/statistics.ts'
import { scripts, type ToolName } from './tools.ts'

/** What the rounds of one tool in one case came to: medians. */
export interface Summary {
  tool: ToolName
  hosts: number
  concurrency: number
  rounds: number
  wallSeconds: number
  cpuSeconds: number
  fleetCpuSeconds: number | undefined
  peakMegabytes: number
}

/** A tool against the others in the same case; a ratio to what was not run is null. */
export interface Ratios {
  /** To the faster of the two scripts. */
  wallToFloor: number | null
  wallToAnsible: number | null
  cpuToFabric: number | null
  cpuToAnsible: number | null
  machinesCpuToFabric: number | null
}

/** Sums up the runs that were timed, by case and tool, in the order in which they came first. */
export function summarise(runs: readonly Run[]): Summary[] {
  const groups = Map.groupBy(
    runs.filter(({ load, counts }) => !load && !counts),
    ({ tool, hosts, concurrency }) => `${hosts} ${concurrency} ${tool}`,
  )
  return [...groups.values()].map((group) => {
    const { tool, hosts, concurrency } = group[0]!
    const fleetCpus = group.map(({ fleetCpuSeconds }) => fleetCpuSeconds).filter((seconds) => seconds !== undefined)
    return {
      tool,
      hosts,
      concurrency,
      rounds: group.length,
      wallSeconds: median(group.map(({ wallSeconds }) => wallSeconds)),
      cpuSeconds: median(group.map(({ cpuSeconds }) => cpuSeconds)),
      fleetCpuSeconds: fleetCpus.length > 0 ? median(fleetCpus) : undefined,
      peakMegabytes: median(group.map(({ peakMegabytes }) => peakMegabytes)),
    }
  })
}

/** Compares a tool with the others in its case. */
export function ratiosOf(summary: Summary, summaries: readonly Summary[]): Ratios {
  const find = (tool: ToolName) => summaries.find((other) => other.tool === tool && isSameCase(other, summary))
  const floors = scripts.map(find).filter((script) => script !== undefined)
  const floor = floors.length > 0 ? Math.min(...floors.map(({ wallSeconds }) => wallSeconds)) : undefined
  return {
    wallToFloor: ratio(summary.wallSeconds, floor),
    wallToAnsible: ratio(summary.wallSeconds, find('ansible')?.wallSeconds),
    cpuToFabric: ratio(summary.cpuSeconds, find('fabric')?.cpuSeconds),
    cpuToAnsible: ratio(summary.cpuSeconds, find('ansible')?.cpuSeconds),
    machinesCpuToFabric: ratio(summary.fleetCpuSeconds, find('fabric')?.fleetCpuSeconds),
  }
}

/** Tells the requests of a tool's run under load. */
export function loadOf(runs: readonly Run[], summary: Summary): Run['load'] {
  return runs.find((run) => run.load && run.tool === summary.tool && isSameCase(run, summary))?.load
}

/** Tells what a tool started on the machines, for each host. */
export function countsOf(runs: readonly Run[], summary: Summary): MachineCounts | undefined {
  const run = runs.find(({ tool, counts, ...size }) => counts && tool === summary.tool && isSameCase(size, summary))
  if (!run?.counts) return undefined
  const { processes, channels } = run.counts
  return { processes: processes / run.hosts, channels: channels / run.hosts }
}

function isSameCase(a: BenchSize, b: BenchSize): boolean {
  return a.hosts === b.hosts && a.concurrency === b.concurrency
}

type BenchSize = Pick<Run, 'hosts' | 'concurrency'>

function ratio(own: number | undefined, other: number | undefined): number | null {
  return own === undefined || other === undefined ? null : Number((own / other).toFixed(3))
}
