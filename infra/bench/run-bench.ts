import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { countOnMachines } from './count-on-machines.ts'
import { measure, type Run } from './measure.ts'
import type { BenchCase } from './options.ts'
import { say } from './system/say.ts'
import { scripts, vesemirs, type ToolName } from './tools.ts'
import { startVesemir, type VesemirServices } from './vesemir.ts'

const execute = promisify(execFile)
const fleetScript = join(import.meta.dirname, 'peers/fleet.sh')

/** Ansible is counted by its seconds. */
const counted: readonly ToolName[] = [...vesemirs, ...scripts]

/** To about so many hosts Vesemir's services deploy by each proof before they are measured: Node.js compiles what has run often. */
const hostsBefore = 200

/** Requests a second in the runs under load, half of them taking 200 ms. */
const loadRate = 60

/** Measures the cases, each size on one fleet that all tools work on, one after the other. */
export async function runBench(cases: readonly BenchCase[], rounds: number): Promise<Run[]> {
  const runs: Run[] = []
  for (const [hosts, own] of Map.groupBy(cases, (one) => one.hosts)) {
    await using fleet = await startFleet(hosts)
    await using services = await startVesemir(fleet.folder)
    await warmUp(own, { hosts, fleet: fleet.folder, services })
    for (const one of own) runs.push(...(await runCase(one, { rounds, fleet: fleet.folder, services })))
  }
  return runs
}

/** Vesemir's services stay for all cases of a size, and have deployed before, as they have in use. */
async function warmUp(
  cases: readonly BenchCase[],
  { hosts, ...where }: { hosts: number; fleet: string; services: VesemirServices },
): Promise<void> {
  const concurrency = Math.max(...cases.map((one) => one.concurrency))
  const own = vesemirs.filter((tool) => cases.some(({ tools }) => tools.includes(tool)))
  for (let before = 0; before < hostsBefore; before += hosts)
    for (const tool of own) await measure({ ...where, hosts, concurrency, tool })
}

/** Each round takes every tool once, after a first one of Vesemir. At the end come a run under load, and one that is counted. */
async function runCase(
  { hosts, concurrency, tools }: BenchCase,
  { rounds, fleet, services }: { rounds: number; fleet: string; services: VesemirServices },
): Promise<Run[]> {
  const deployment = { fleet, hosts, concurrency, services }
  const runs: Run[] = []
  const take = (run: Run) => {
    runs.push(run)
    const { wallSeconds, cpuSeconds, load } = run
    const underLoad = load ? `, ${load.failed} of ${load.sent} requests failed` : ''
    say(
      `${hosts} hosts, ${concurrency} at once: ${run.tool} ${wallSeconds.toFixed(2)} s, CPU ${cpuSeconds.toFixed(2)} s${underLoad}`,
    )
  }
  const own = tools.filter((tool) => vesemirs.includes(tool))
  for (const tool of own) await measure({ ...deployment, tool })
  for (let round = 1; round <= rounds; round += 1)
    for (const tool of tools) take(await measure({ ...deployment, tool }))
  for (const tool of own) take(await measure({ ...deployment, tool, loadRate }))
  for (const tool of tools.filter((tool) => counted.includes(tool))) {
    const { result, counts } = await countOnMachines(fleet, () => measure({ ...deployment, tool }))
    if (counts) runs.push({ ...result, counts })
  }
  return runs
}

async function startFleet(hosts: number): Promise<AsyncDisposable & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'vesemir-bench-'))
  const down = async () => {
    await execute(fleetScript, ['down', folder])
    await rm(folder, { recursive: true })
  }
  try {
    await execute(fleetScript, ['up', String(hosts), folder])
    return { folder, [Symbol.asyncDispose]: down }
  } catch (error) {
    await down()
    throw error
  }
}
