import type { ServerRef } from '@vesemir/contract'
import { isInService, VesemirError, type LoadBalancerSession, type ServerAmongPeers } from '@vesemir/core'
import { orAborted } from '@vesemir/process/waiting'
import type { KindSession } from './balancer-kind.ts'

/** Completes what a kind of load balancer can do by what stands for the rest, so that a walk need not ask. */
export function completeSession(session: KindSession): LoadBalancerSession {
  return {
    hold: (servers, signal) => session.drain(servers, signal),
    cutSessions: refuseToCut,
    demandProof: (weights, signal) => session.setWeights(weights, signal),
    readAmongPeers: (servers, signal) => countPeers(session, { servers, signal }),
    readFigures: async () => [],
    untilReloaded: (_, { signal }) => orAborted(never, signal),
    readProcess: async () => '',
    probesFrom: async () => undefined,
    advise: async () => [],
    ...session,
  }
}

const never = new Promise<never>(() => {})

async function refuseToCut(): Promise<never> {
  throw new VesemirError('DRAIN_TIMED_OUT', 'sessions remain, and this load balancer cannot cut them')
}

async function countPeers(
  session: KindSession,
  { servers, signal }: { servers: readonly ServerRef[]; signal: AbortSignal | undefined },
): Promise<ServerAmongPeers[]> {
  const peers = (await session.readPeers(servers, signal)).filter((peer) => !peer.backup && isInService(peer))
  const own = await session.read(servers, signal)
  return own.map((server) => ({
    ...server,
    inService: peers.filter(({ box, backend }) => box === server.box && backend === server.backend).length,
  }))
}
