import type { Margins } from '@vesemir/contract'
import { findRegression } from './find-regression.ts'
import { countedSince } from './peers/counted-since.ts'
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
    const worse = own && findRegression(own, together(peers), maxRegression)
    if (worse) return `${describeServer(server)} performs worse than its peers: ${worse}`
  }
  return undefined
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

/** What was counted of each between two looks. */
function since(first: readonly ServerFigures[], now: readonly ServerFigures[]): ServerFigures[] {
  return now.map((figure) =>
    countedSince(
      first.find((other) => isSameServer(other, figure)),
      figure,
    ),
  )
}
