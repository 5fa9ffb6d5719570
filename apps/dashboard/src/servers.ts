import type { HostRecord, ServerState } from '@vesemir/contract'

/** A host's servers as last read: after the walk has begun, as they were before its first change, or nothing yet. */
export function serversOf({ seen, snapshot }: Pick<HostRecord, 'seen' | 'snapshot'>): readonly ServerState[] {
  return seen ?? snapshot ?? []
}

/** The weight that a server had before the first change, or else the one of the configuration file. */
export function fullWeight(server: ServerState, { snapshot = [] }: Pick<HostRecord, 'snapshot'>): number {
  const before = snapshot.find((other) => isSameServer(other, server))
  return before && before.weight > 0 ? before.weight : server.initialWeight
}

type Ref = Pick<ServerState, 'box' | 'backend' | 'server'>

export function isSameServer(a: Ref, b: Ref): boolean {
  return a.box === b.box && a.backend === b.backend && a.server === b.server
}
