import type { BackendPeers, PeersSample, PeersSum, ServersFigures } from '@vesemir/contract'

/** Adds a sample to what was counted since the set of updated hosts changed last. */
export function addSample(sum: PeersSum | undefined, sample: PeersSample, at: string): PeersSum {
  const samples = (sum?.samples ?? 0) + 1
  const { lengthMs, backends } = sample
  if (!sum || sample.begins) {
    const since = new Date(Date.parse(at) - lengthMs).toISOString()
    return { since, at, samples, lengthMs, backends }
  }
  return {
    since: sum.since,
    at,
    samples,
    lengthMs: sum.lengthMs + lengthMs,
    backends: backends.map((backend) =>
      addBackend(
        sum.backends.find((known) => known.backend === backend.backend),
        backend,
      ),
    ),
  }
}

function addBackend(sum: BackendPeers | undefined, { backend, updated, peers }: BackendPeers): BackendPeers {
  return { backend, updated: addFigures(sum?.updated, updated), peers: addFigures(sum?.peers, peers) }
}

/** Times are means since each server was updated already: the last ones hold. */
function addFigures(sum: ServersFigures | undefined, now: ServersFigures): ServersFigures {
  if (!sum) return now
  const times = now.requests > 0 ? now : sum
  const { responseTimeMs, responseTimeWithinMs } = times
  return {
    servers: now.servers,
    requests: sum.requests + now.requests,
    serverErrors: sum.serverErrors + now.serverErrors,
    connectionErrors: sum.connectionErrors + now.connectionErrors,
    responseTimeMs,
    ...(responseTimeWithinMs === undefined ? {} : { responseTimeWithinMs }),
    ...(times.tcp ? { tcp: { ...times.tcp, brokenOff: (sum.tcp?.brokenOff ?? 0) + (now.tcp?.brokenOff ?? 0) } } : {}),
    sessions: now.sessions,
  }
}
