import { setTimeout } from 'node:timers/promises'
import type { Fleet } from '../../infra/fleet/fleet.ts'
import { createServerFeed, type SeenServer } from './server-feed.ts'

/** What was seen of the servers that get traffic. */
export interface CapacityReport {
  samples: number
  /** The fewest in service at once in any backend on any box. */
  fewest: number
  /** The times in which one backend of one box had fewer than there must be, in words. */
  broken: string[]
}

const sampleIntervalMs = 20

/** Counts each backend's servers in service on every box, straight from its socket, every 20 ms until it is stopped. */
export function watchCapacity(fleet: Fleet, { minHealthy }: { minHealthy: number }) {
  const stopping = new AbortController()
  const report: CapacityReport = { samples: 0, fewest: Infinity, broken: [] }
  const watching = Promise.all(fleet.boxes.map(({ name }) => watchBox(name)))

  async function watchBox(box: string): Promise<void> {
    using feed = createServerFeed(fleet, box)
    /** The backends that have too few at the moment. */
    const low = new Set<string>()
    while (!stopping.signal.aborted) {
      // A box that is down gives nobody traffic.
      const servers = (await feed.read()) ?? []
      for (const [backend, own] of Map.groupBy(servers, (server) => server.backend)) sample(own, { box, backend, low })
      await setTimeout(sampleIntervalMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  function sample(servers: SeenServer[], { box, backend, low }: { box: string; backend: string; low: Set<string> }) {
    const out = servers.filter((server) => !isInService(server))
    const inService = servers.length - out.length
    report.samples += 1
    report.fewest = Math.min(report.fewest, inService)
    if (inService >= minHealthy) return void low.delete(backend)
    if (low.has(backend)) return
    low.add(backend)
    const shown = out.map(({ server, ...rest }) => `${server} ${JSON.stringify(rest)}`).join(', ')
    report.broken.push(
      `${new Date().toISOString()} ${inService} of ${servers.length} of ${backend} on ${box}, out: ${shown}`,
    )
  }

  async function stop(): Promise<CapacityReport> {
    stopping.abort()
    await watching
    return report
  }
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) }
}

function isInService({ adminState, opState, weight }: SeenServer): boolean {
  return adminState === 0 && opState === 2 && weight > 0
}
