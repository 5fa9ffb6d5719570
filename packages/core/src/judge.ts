import type { Margins } from '@vesemir/contract'
import { findRegression } from './find-regression.ts'
import { countedSince, type Counted } from './peers/counted-since.ts'
import { serverKey } from './peers/server-key.ts'
import { together } from './peers/together.ts'
import type { ServerFigures } from './ports/load-balancer.ts'
import { describeServer, isSameServer } from './servers.ts'
import type { Walk } from './walk.ts'

/** Compares a host with its peers: servers of the same backend and box that still run the old version. */
export interface Judge {
  /** Describes how the host performs worse than its peers by more than the settings allow; undefined when it does not. */
  judge(): Promise<string | undefined>
  /** Whether it was to be compared, and at no look there was a peer. */
  readonly hadNoPeers: boolean
}

/** Compares a host with its peers by what its boxes have counted since the first look; without margins, it never looks. */
export function createJudge({ traffic, balancer, servers, signal, readSides }: Walk): Judge {
  const { maxRegression } = traffic
  if (!maxRegression || servers.length === 0) return { judge: async () => undefined, hadNoPeers: false }
  let first: ServerFigures[] | undefined
  let peers = new Set<string>()
  let hadPeers = false
  return {
    async judge() {
      const sideOf = first ? undefined : await readSides()
      const now = await balancer.readFigures(servers, signal)
      first ??= now
      if (sideOf) peers = new Set(now.filter((server) => sideOf(server) === 'peer').map(serverKey))
      // What leaves may come back with the new version.
      for (const server of now) if (!server.inService) peers.delete(serverKey(server))
      hadPeers ||= peers.size > 0
      return findWorse(since(first, now), { servers, peers, maxRegression })
    },
    get hadNoPeers() {
      return !hadPeers
    },
  }
}

/** Looks at each of the servers against its peers on its box. */
function findWorse(
  figures: readonly Counted[],
  { servers, peers, maxRegression }: { servers: Walk['servers']; peers: ReadonlySet<string>; maxRegression: Margins },
): string | undefined {
  for (const server of servers) {
    const own = figures.find((figure) => isSameServer(figure, server))
    const others = figures.filter(
      (peer) => peer.box === server.box && peer.backend === server.backend && peers.has(serverKey(peer)),
    )
    const worse = own && findRegression(together([own]), together(others), maxRegression)
    if (worse) return `${describeServer(server)} performs worse than its peers: ${worse}`
  }
  return undefined
}

/** What was counted of each between two looks. */
function since(first: readonly ServerFigures[], now: readonly ServerFigures[]): Counted[] {
  return now.map((figure) =>
    countedSince(
      first.find((other) => isSameServer(other, figure)),
      figure,
    ),
  )
}
