import type { Margins } from '@vesemir/contract'
import type { ServerFigures } from './ports/load-balancer.ts'
import { describeServer, isSameServer } from './servers.ts'
import type { Walk } from './walk.ts'

/** Describes how a host performs worse than its peers by more than the settings allow; undefined when it does not. */
export type Judge = () => Promise<string | undefined>

/** Compares a host with its peers by what its boxes have counted since the first look; without margins, it never looks. */
export function createJudge({ traffic, balancer, servers, signal }: Walk): Judge {
  const { maxRegression } = traffic
  if (!maxRegression || servers.length === 0) return async () => undefined
  let first: ServerFigures[] | undefined
  return async () => {
    const now = await balancer.readFigures(servers, signal)
    first ??= now
    return findWorse(since(first, now), { servers, maxRegression })
  }
}

/** Looks at each of the servers against the others of its backend on its box. */
export function findWorse(
  figures: readonly ServerFigures[],
  { servers, maxRegression }: { servers: Walk['servers']; maxRegression: Margins },
): string | undefined {
  for (const server of servers) {
    const own = figures.find((figure) => isSameServer(figure, server))
    const peers = figures.filter(
      (peer) =>
        peer.box === server.box &&
        peer.backend === server.backend &&
        !servers.some((other) => isSameServer(other, peer)),
    )
    const worse = own && compare(own, together(peers), maxRegression)
    if (worse) return `${describeServer(server)} performs worse than its peers: ${worse}`
  }
  return undefined
}

function compare(own: Figures, peers: Figures, { minRequests, ...margins }: Margins): string | undefined {
  if (own.requests < minRequests || peers.requests < minRequests) return undefined
  const share = (name: 'serverErrors' | 'connectionErrors', what: string) => {
    const [ownShare, peerShare] = [own[name] / own.requests, peers[name] / peers.requests]
    const margin = margins[name] === undefined ? Infinity : Number.parseInt(margins[name], 10) / 100
    return ownShare > peerShare + margin ? `${inPercent(ownShare)} ${what}, peers ${inPercent(peerShare)}` : undefined
  }
  return (
    share('serverErrors', 'of requests answered 5xx') ??
    share('connectionErrors', 'of requests failed to connect') ??
    slower(own, peers, margins.responseTime)
  )
}

function slower(own: Figures, peers: Figures, margin: string | undefined): string | undefined {
  if (margin === undefined) return undefined
  const most = peers.responseTimeMs * (1 + Number.parseInt(margin, 10) / 100)
  return own.responseTimeMs > most
    ? `responds in ${own.responseTimeMs} ms, peers in ${Math.round(peers.responseTimeMs)} ms`
    : undefined
}

type Figures = Pick<ServerFigures, 'requests' | 'serverErrors' | 'connectionErrors' | 'responseTimeMs'>

function together(peers: readonly ServerFigures[]): Figures {
  const sum = (value: (peer: ServerFigures) => number) => peers.reduce((total, peer) => total + value(peer), 0)
  const requests = sum((peer) => peer.requests)
  return {
    requests,
    serverErrors: sum((peer) => peer.serverErrors),
    connectionErrors: sum((peer) => peer.connectionErrors),
    responseTimeMs: requests === 0 ? 0 : sum((peer) => peer.responseTimeMs * peer.requests) / requests,
  }
}

/** What was counted between two looks; after a reload the counts begin again, and so does the time. */
function since(first: readonly ServerFigures[], now: readonly ServerFigures[]): ServerFigures[] {
  return now.map((figure) => {
    const before = first.find((other) => isSameServer(other, figure))
    if (!before || before.requests > figure.requests) return figure
    return {
      ...figure,
      requests: figure.requests - before.requests,
      serverErrors: figure.serverErrors - before.serverErrors,
      connectionErrors: figure.connectionErrors - before.connectionErrors,
    }
  })
}

function inPercent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}
