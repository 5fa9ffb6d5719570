import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { MachineCounts } from './count-on-machines.ts'
import { tools, vesemirs, type ToolName } from './tools.ts'
import type { VesemirServices } from './vesemir.ts'

/** One deployment as it was measured: seconds and megabytes. The CPU is that of all processes of the tool. */
export interface Run {
  tool: ToolName
  hosts: number
  concurrency: number
  wallSeconds: number
  cpuSeconds: number
  /** What the machines and HAProxy used meanwhile; unknown without cgroups. */
  fleetCpuSeconds: number | undefined
  peakMegabytes: number
  /** Under load: how many requests were sent, and how many failed. */
  load?: { sent: number; failed: number }
  /** In a run that is counted, and whose times say nothing. */
  counts?: MachineCounts
}

interface Deployment {
  tool: ToolName
  fleet: string
  hosts: number
  concurrency: number
  services: VesemirServices
  /** Requests a second through HAProxy meanwhile; none when left out. */
  loadRate?: number
}

const execute = promisify(execFile)
const peers = join(import.meta.dirname, 'peers')
let versions = 0

/**
 * Deploys a new version once and measures that.
 * @throws {Error} when a machine does not run the version afterwards, or HAProxy does not have it back at full weight
 */
export async function measure({ tool, fleet, services, loadRate, ...asked }: Deployment): Promise<Run> {
  const { hosts, concurrency } = asked
  const version = `v${Date.now()}${(versions += 1)}`
  const artifact = join(fleet, `${version}.tgz`)
  await execute(join(peers, 'artifact.sh'), [version, artifact])
  const { script, mode } = tools[tool]
  const log = join(fleet, `${tool}.log`)
  const options = [
    ['--fleet', fleet],
    ['--log', log],
    ['--tag', `version=${version}`],
    ['--with', vesemirs.includes(tool) ? services.pids.join(',') : ''],
    ['--load', String(loadRate ?? 0)],
  ]
  const args = [...options.flat(), '--', script, fleet, version, artifact, String(concurrency), mode]
  const { stdout } = await execute(join(peers, 'measure.py'), args, { env: { ...process.env, ...services.env } })
  await rm(artifact)
  const seen = JSON.parse(stdout) as Measured
  if (!seen.ok) throw new Error(`${tool} did not deploy: ${seen.deployed} of ${hosts} machines, see ${log}`)
  return {
    tool,
    hosts,
    concurrency,
    wallSeconds: seen.wall,
    cpuSeconds: seen.cpu,
    fleetCpuSeconds: seen.fleet_cpu ?? undefined,
    peakMegabytes: seen.peak_pss_mb || seen.peak_proc_mb,
    ...(seen.load && { load: { sent: seen.load.sent, failed: seen.load.failed } }),
  }
}

/** What measure.py prints. */
interface Measured {
  ok: boolean
  deployed: number
  wall: number
  cpu: number
  fleet_cpu: number | null
  peak_pss_mb: number
  peak_proc_mb: number
  load?: { sent: number; failed: number }
}
