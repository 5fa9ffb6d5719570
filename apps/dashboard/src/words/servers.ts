import type { HostRecord, ServerState } from '@vesemir/contract'
import type { Shown } from './status.ts'

/** Says in a word how a box treats a server. */
export function showServer({ admin, health }: Pick<ServerState, 'admin' | 'health'>): Shown {
  if (admin === 'drain') return { tone: 'waiting', label: 'Drained' }
  if (admin === 'maint') return { tone: 'waiting', label: 'Maintenance' }
  return health === 'up' ? { tone: 'good', label: 'In service' } : { tone: 'bad', label: healthWords[health] }
}

const healthWords = { starting: 'Starting', stopping: 'Stopping', down: 'Down', unproven: 'Unproven' } as const

/** A host's servers as last read: after the walk has begun, as they were before its first change, or nothing yet. */
export function serversOf({ seen, snapshot }: Pick<HostRecord, 'seen' | 'snapshot'>): readonly ServerState[] {
  return seen ?? snapshot ?? []
}

/** The weight that a server had before the first change, or else the one of the configuration file. */
export function fullWeight(server: ServerState, { snapshot = [] }: Pick<HostRecord, 'snapshot'>): number {
  const before = snapshot.find((other) => isSame(other, server))
  return before && before.weight > 0 ? before.weight : server.initialWeight
}

type Ref = Pick<ServerState, 'box' | 'backend' | 'server'>

export function isSame(a: Ref, b: Ref): boolean {
  return a.box === b.box && a.backend === b.backend && a.server === b.server
}
