import type { ServersFigures } from '@vesemir/contract'
import type { Counted } from './counted-since.ts'

/** Returns what some servers of a backend did together. */
export function together(servers: readonly Counted[]): ServersFigures {
  const sum = (value: (server: Counted) => number) => servers.reduce((total, server) => total + value(server), 0)
  const time = meanTime(servers)
  const counts = {
    servers: new Set(servers.filter(({ inService }) => inService).map(({ server }) => server)).size,
    requests: sum((server) => server.requests),
    serverErrors: sum((server) => server.serverErrors),
    connectionErrors: sum((server) => server.connectionErrors),
    sessions: sum((server) => server.sessions),
  }
  if (!servers.some(({ tcp }) => tcp))
    return { ...counts, responseTimeMs: time?.ms ?? 0, ...(time ? { responseTimeWithinMs: time.withinMs } : {}) }
  const connectTime = time ? { connectTimeMs: time.ms, connectTimeWithinMs: time.withinMs } : {}
  return { ...counts, responseTimeMs: 0, tcp: { brokenOff: sum(({ tcp }) => tcp?.brokenOff ?? 0), ...connectTime } }
}

/** Each by how many requests it is the mean of. */
function meanTime(servers: readonly Counted[]): { ms: number; withinMs: number } | undefined {
  const times = servers.flatMap(({ time }) => time ?? [])
  const requests = times.reduce((total, time) => total + time.requests, 0)
  if (requests === 0) return undefined
  const mean = (part: 'ms' | 'withinMs') =>
    times.reduce((total, time) => total + time[part] * time.requests, 0) / requests
  return { ms: Math.max(0, Math.round(mean('ms'))), withinMs: Math.ceil(mean('withinMs')) }
}
