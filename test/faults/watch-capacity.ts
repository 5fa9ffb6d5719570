import { setTimeout } from 'node:timers/promises'
import type { Fleet } from '../../infra/fleet/fleet.ts'
import { showServers } from '../../infra/fleet/show-servers.ts'

/** What was seen of the servers that get traffic. */
export interface CapacityReport {
  samples: number
  /** The fewest in service at once on any box. */
  fewest: number
  /** Samples of one box that showed fewer than there must be, in words. */
  broken: string[]
}

const sampleIntervalMs = 100

/** Counts the application's servers in service on every box, straight from its socket, every 100 ms until it is stopped. */
export function watchCapacity(fleet: Fleet, { minHealthy }: { minHealthy: number }) {
  const stopping = new AbortController()
  const report: CapacityReport = { samples: 0, fewest: Infinity, broken: [] }
  const watching = Promise.all(fleet.boxes.map(({ name }) => watchBox(name)))

  async function watchBox(box: string): Promise<void> {
    while (!stopping.signal.aborted) {
      await sample(box)
      await setTimeout(sampleIntervalMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  async function sample(box: string): Promise<void> {
    const rows = (await showServers(fleet, box).catch(() => [])).filter(({ backend }) => backend === fleet.application)
    // A box that is down gives nobody traffic.
    if (rows.length === 0) return
    const inService = rows.filter(({ adminState, opState, weight }) => adminState === 0 && opState === 2 && weight > 0)
    report.samples += 1
    report.fewest = Math.min(report.fewest, inService.length)
    if (inService.length >= minHealthy) return
    const out = rows
      .filter((row) => !inService.includes(row))
      .map(({ server, ...row }) => `${server} ${JSON.stringify(row)}`)
    report.broken.push(`${new Date().toISOString()} ${inService.length} of ${rows.length} on ${box}: ${out.join(', ')}`)
  }

  async function stop(): Promise<CapacityReport> {
    stopping.abort()
    await watching
    return report
  }
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) }
}
