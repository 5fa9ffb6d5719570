import type { DeploymentEvent, DeploymentSpec, Plan, ServerRef, ServerState } from '@vesemir/contract'
import { minHealthyOf } from '../backends.ts'
import { isInService } from '../servers.ts'

/** How many servers were in service from a moment on. */
export interface CapacityPoint {
  at: string
  inService: number
}

/** How many servers of a backend were in service, as far as the deployment knows. */
export interface BackendOverTime {
  backend: string
  /** The boxes on which it was so: each balances by itself. */
  boxes: string[]
  /** In service when the deployment was planned. */
  atStart: number
  /** How many had to stay in service; undefined where that changed meanwhile, or is a share of a number that is not known. */
  minHealthy: number | undefined
  /** Whenever it changed, from the plan on. */
  points: CapacityPoint[]
  lowest: CapacityPoint
}

/**
 * Counts the servers in service over time: by what the deployment saw of its own ones as it took them out and put them back, and by what
 * it counted of all of them before each drain. Without a load balancer there is nothing to count.
 */
export function capacityOverTime(events: Iterable<DeploymentEvent>): BackendOverTime[] {
  let spec: DeploymentSpec | undefined
  let counts = new Map<string, Count>()
  for (const event of events)
    if (event.type === 'deployment.queued') spec ??= event.spec
    else if (event.type === 'deployment.planned' && spec) counts = startCounts(event.plan, spec, event.at)
    else if (event.type === 'servers.snapshotted')
      for (const server of event.servers) noteBefore(counts, server, event.leftOut)
    else if (event.type === 'servers.seen' || event.type === 'servers.returned') {
      for (const server of event.servers) noteSeen(counts, server, event.at)
      const left = event.type === 'servers.seen' ? (event.left ?? []) : []
      for (const backend of left) noteLeft(counts, backend, event.at)
    }
  return byBackend([...counts.values()])
}

/** A backend on one box. */
interface Count extends Omit<BackendOverTime, 'boxes' | 'lowest' | 'minHealthy'> {
  box: string
  /** How many had to stay in service, by the settings or at a drain. */
  limits: Set<number>
  now: number
  /** Whether each of the deployment's own servers was in service when it was last seen, by name. */
  own: Map<string, boolean>
}

function keyOf({ box, backend }: Pick<ServerRef, 'box' | 'backend'>): string {
  return JSON.stringify([box, backend])
}

function startCounts({ hosts, capacity = [] }: Plan, spec: DeploymentSpec, at: string): Map<string, Count> {
  const servers = Map.groupBy(
    hosts.flatMap((host) => host.servers),
    keyOf,
  )
  return new Map(
    [...servers].map(([key, own]) => {
      const { box, backend } = own[0]!
      const planned = capacity.find((known) => keyOf(known) === key)
      // Plans of earlier releases do not say how many there are besides the deployment's own.
      const atStart = planned?.inService ?? own.length
      const minHealthy = minHealthyOf(spec.loadBalancer, backend)
      // The guard takes a percentage of all servers, and these are those in service.
      const limits = new Set(typeof minHealthy === 'number' ? [minHealthy] : [])
      const points = [{ at, inService: atStart }]
      return [key, { box, backend, atStart, limits, points, now: atStart, own: new Map() }]
    }),
  )
}

/** What a server was before its first change counts from the plan on; what was out already is not missing. */
function noteBefore(counts: ReadonlyMap<string, Count>, server: ServerState, leftOut: boolean): void {
  const own = counts.get(keyOf(server))?.own
  if (own && !own.has(server.server)) own.set(server.server, !leftOut && isInService(server))
}

function noteSeen(counts: ReadonlyMap<string, Count>, server: ServerState, at: string): void {
  const count = counts.get(keyOf(server))
  if (!count || server.backup) return
  const [before, is] = [count.own.get(server.server) ?? true, isInService(server)]
  count.own.set(server.server, is)
  if (before !== is) setCount(count, count.now + (is ? 1 : -1), at)
}

type Left = NonNullable<Extract<DeploymentEvent, { type: 'servers.seen' }>['left']>[number]

/** What was counted of all servers holds: others may have come or gone. */
function noteLeft(counts: ReadonlyMap<string, Count>, left: Left, at: string): void {
  const count = counts.get(keyOf(left))
  if (!count) return
  count.limits.add(left.needed)
  setCount(count, left.inService, at)
}

function setCount(count: Count, inService: number, at: string): void {
  const { points } = count
  count.now = inService
  const last = points.at(-1)!
  if (last.at === at) last.inService = inService
  else if (last.inService !== inService) points.push({ at, inService })
}

/** Boxes on which it was the same are one. */
function byBackend(counts: readonly Count[]): BackendOverTime[] {
  const same = Map.groupBy(counts, ({ backend, atStart, limits, points }) =>
    JSON.stringify([backend, atStart, [...limits], points]),
  )
  return [...same.values()].map((alike) => {
    const { backend, atStart, limits, points } = alike[0]!
    const minHealthy = limits.size === 1 ? [...limits][0] : undefined
    const lowest = points.reduce((low, point) => (point.inService < low.inService ? point : low))
    return { backend, boxes: alike.map(({ box }) => box), atStart, minHealthy, points, lowest }
  })
}
