import type { DeploymentEvent, DeploymentSpec, Plan, ServerRef, ServerState } from '@vesemir/contract'
import { minHealthyOf } from '../backends.ts'
import { isInService } from '../servers.ts'

/** How many servers were in service from a moment on, and how many had to be, where that is known. */
export interface CapacityPoint {
  at: string
  inService: number
  needed?: number
}

/** How many servers of a backend were in service, as far as the deployment knows. */
export interface BackendOverTime {
  backend: string
  /** The boxes on which it was so: each balances by itself. */
  boxes: string[]
  /** In service when the deployment was planned. */
  atStart: number
  /** Whenever it changed, from the plan on. */
  points: CapacityPoint[]
  lowest: CapacityPoint
  /** Where most were lacking of what had to be in service then. */
  lacking?: CapacityPoint
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
interface Count extends Pick<BackendOverTime, 'backend' | 'atStart' | 'points'> {
  box: string
  /** How many have to stay in service, by the settings or the last drain. */
  needed: number | undefined
  now: number
  /** Whether each of the deployment's own servers was in service when it was last seen, by name. */
  own: Map<string, boolean>
  /** How many of those that were last seen out have been counted in service since: a look is told before what other walks saw. */
  early: number
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
      const needed = typeof minHealthy === 'number' ? minHealthy : undefined
      const points = [pointOf({ now: atStart, needed }, at)]
      return [key, { box, backend, atStart, needed, points, now: atStart, own: new Map(), early: 0 }]
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
  if (before === is) return
  if (is && count.early > 0) count.early -= 1
  else setNow(count, count.now + (is ? 1 : -1), at)
}

type Left = NonNullable<Extract<DeploymentEvent, { type: 'servers.seen' }>['left']>[number]

/** What was counted of all servers holds: others may have come or gone. */
function noteLeft(counts: ReadonlyMap<string, Count>, left: Left, at: string): void {
  const count = counts.get(keyOf(left))
  if (!count) return
  const out = [...count.own.values()].filter((isIn) => !isIn).length
  count.early = Math.min(Math.max(0, left.inService - count.now), out)
  count.needed = left.needed
  setNow(count, left.inService, at)
}

function setNow(count: Count, inService: number, at: string): void {
  count.now = inService
  const { points } = count
  // An event's servers and its count are of one moment.
  if (points.length > 1 && points.at(-1)!.at === at) points.pop()
  const [last, next] = [points.at(-1)!, pointOf(count, at)]
  if (last.at === at) points[0] = next
  else if (last.inService !== next.inService || last.needed !== next.needed) points.push(next)
}

function pointOf({ now, needed }: Pick<Count, 'now' | 'needed'>, at: string): CapacityPoint {
  return { at, inService: now, ...(needed === undefined ? {} : { needed }) }
}

/** Boxes on which it was the same are one. */
function byBackend(counts: readonly Count[]): BackendOverTime[] {
  const same = Map.groupBy(counts, ({ backend, atStart, points }) => JSON.stringify([backend, atStart, points]))
  return [...same.values()].map((alike) => {
    const { backend, atStart, points } = alike[0]!
    const lowest = points.reduce((low, point) => (point.inService < low.inService ? point : low))
    const worst = points.reduce((most, point) => (lackOf(point) > lackOf(most) ? point : most))
    const lacking = lackOf(worst) > 0 ? { lacking: worst } : {}
    return { backend, boxes: alike.map(({ box }) => box), atStart, points, lowest, ...lacking }
  })
}

function lackOf({ inService, needed = 0 }: CapacityPoint): number {
  return needed - inService
}
