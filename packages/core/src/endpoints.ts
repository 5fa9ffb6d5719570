import type { ServerRef } from '@vesemir/contract'
import { VesemirError } from './errors.ts'
import type { LoadBalancerSession, ServerWeight } from './ports/load-balancer.ts'
import { describeServer, isSameServer } from './servers.ts'

/** Writes where a server sends its traffic: `10.0.0.1:8080`, `[2001:db8::1]:8080`, or the name that has no address now. */
export function describeEndpoint({ endpoint }: ServerRef): string {
  if (!endpoint) return 'an unknown address'
  const { address, port, fqdn = 'no address' } = endpoint
  if (address === '') return fqdn
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

/**
 * Whether a server stands for something else than it did: slots of `server-template` and of the Data Plane API keep their names
 * while their addresses change. A server whose name resolves to nothing just now stands for what it stood for.
 */
export function hasMoved({ endpoint: before }: ServerRef, { endpoint: now }: ServerRef): boolean {
  if (!before || !now) return false
  if (before.address === '' || now.address === '') return before.fqdn !== now.fqdn
  return before.address !== now.address || before.port !== now.port
}

/** Describes a server that has moved: `lb-1 app/srv3 moved from 10.0.0.1:80 to 10.0.0.2:80`. */
export function describeMove(before: ServerRef, now: ServerRef): string {
  return `${describeServer(now)} moved from ${describeEndpoint(before)} to ${describeEndpoint(now)}`
}

/** @throws {VesemirError} `SERVER_MOVED` when one of the servers stands for something else than it did */
export function refuseMoved(servers: readonly ServerRef[], seen: readonly ServerRef[]): void {
  for (const now of seen) {
    const before = servers.find((server) => isSameServer(server, now))
    if (before && hasMoved(before, now)) throw new VesemirError('SERVER_MOVED', describeMove(before, now))
  }
}

/**
 * Compares servers with what they stood for whenever they are read, changed ones included.
 * @throws {VesemirError} `SERVER_MOVED` from every call that reads servers
 */
export function compareEndpoints(session: LoadBalancerSession): LoadBalancerSession {
  async function compared<State extends ServerRef>(
    servers: readonly ServerRef[],
    reading: Promise<State[]>,
  ): Promise<State[]> {
    const seen = await reading
    refuseMoved(servers, seen)
    return seen
  }
  const serversOf = (weights: readonly ServerWeight[]) => weights.map(({ server }) => server)
  return {
    ...session,
    read: (servers, signal) => compared(servers, session.read(servers, signal)),
    readAmongPeers: (servers, signal) => compared(servers, session.readAmongPeers(servers, signal)),
    drain: (servers, signal) => compared(servers, session.drain(servers, signal)),
    hold: (servers, signal) => compared(servers, session.hold(servers, signal)),
    demandProof: (weights, signal) => compared(serversOf(weights), session.demandProof(weights, signal)),
    admit: (weights, signal) => compared(serversOf(weights), session.admit(weights, signal)),
    setWeights: (weights, signal) => compared(serversOf(weights), session.setWeights(weights, signal)),
  }
}
