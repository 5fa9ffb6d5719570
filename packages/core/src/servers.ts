import type { HostRecord, ServerRef, ServerState, Traffic } from '@vesemir/contract'
import type { ServerWeight } from './ports/load-balancer.ts'

/** Names a server for people: `lb1 payments/web-1`. */
export function describeServer({ box, backend, server }: ServerRef): string {
  return `${box} ${backend}/${server}`
}

/** Says which weights servers show, and why one is not as wanted: `weight 50`. */
export function describeWeights(servers: readonly ServerState[]): string {
  const weights = servers.map(
    ({ weight, weightHeldBy }) => `${weight}${weightHeldBy ? ` (set by ${weightHeldBy})` : ''}`,
  )
  return `weight ${[...new Set(weights)].join(', ')}`
}

/** Returns whether two references are to the same server: same box, backend and name. */
export function isSameServer(a: ServerRef, b: ServerRef): boolean {
  return a.box === b.box && a.backend === b.backend && a.server === b.server
}

/** Whether the box sends new sessions to the server. */
export function isInService({ admin, health, weight }: ServerState): boolean {
  return admin === 'ready' && (health === 'up' || health === 'starting') && weight > 0
}

/** Whether the server is out of rotation by command, healthy or not. */
export function isHeldOut({ admin }: ServerState): boolean {
  return admin !== 'ready'
}

export function countSessions(servers: readonly ServerState[]): number {
  return servers.reduce((total, { sessions }) => total + sessions, 0)
}

/**
 * The weights of the reduced phase, `percent` of what each server had: whole numbers that are never truncated to 0, since
 * a server of weight 0 shows as UP and gets nothing (HAProxy management guide, "set weight"). A static algorithm has no
 * reduced phase.
 */
export function reducedWeights(snapshot: readonly ServerState[], percent: number): ServerWeight[] {
  return snapshot.map((server) => ({
    server,
    agentChecked: server.agentChecked,
    weight: isUnreducible(server) ? server.weight : Math.max(1, Math.round((server.weight * percent) / 100)),
  }))
}

function isUnreducible({ weight, weightHeldBy }: ServerState): boolean {
  return weight === 0 || weightHeldBy === 'algorithm'
}

/** The weights that the servers had before the first change. */
export function fullWeights(snapshot: readonly ServerState[]): ServerWeight[] {
  return snapshot.map((server) => ({ server, weight: server.weight, agentChecked: server.agentChecked }))
}

/** Where a host's traffic is, by what its boxes show now; `seen` is undefined when a box did not answer. */
export function trafficOf(snapshot: HostRecord['snapshot'], seen: readonly ServerState[] | undefined): Traffic {
  if (!snapshot) return 'untouched'
  if (!seen) return 'unknown'
  if (seen.every((now) => isRestored(snapshot, now))) return 'restored'
  return seen.every(isHeldOut) ? 'drained' : 'partial'
}

/** Whether a server shows a weight, or one that is not Vesemir's to set. */
export function hasWeight(server: ServerState, weight: number): boolean {
  return server.weight === weight || server.weightHeldBy !== undefined
}

function isRestored(snapshot: readonly ServerState[], now: ServerState): boolean {
  const before = snapshot.find((server) => isSameServer(server, now))
  return before !== undefined && now.admin === before.admin && hasWeight(now, before.weight)
}
