import type { BackendCapacity, DeploymentSpec, Plan, ServerRef, ServerState } from '@vesemir/contract'
import { minHealthyOf } from './backends.ts'
import { countsForTotal, quantityOf, serving } from './capacity.ts'
import { VesemirError } from './errors.ts'
import type { ServerFigures } from './ports/load-balancer.ts'
import { isInService, isSameServer } from './servers.ts'

interface Seen {
  /** The servers of each of the deployment's hosts. */
  servers: readonly (readonly ServerRef[])[]
  /** All servers of the backends that those are in. */
  peers: readonly ServerState[]
  /** What their boxes have counted of them. */
  figures: readonly ServerFigures[]
  /** The most hosts in flight at once, on the way there or back. */
  concurrency: number
}

/**
 * Returns, for each backend on each box, the fewest servers that stay in service while as many of the deployment's hosts as
 * may be are out: what the window leaves, but never fewer than the guard keeps; and the load that those will carry.
 */
export function leastCapacity({ loadBalancer }: DeploymentSpec, seen: Seen): BackendCapacity[] {
  const backends = Map.groupBy(seen.peers, ({ box, backend }) => `${box} ${backend}`)
  return [...backends.values()].map((peers) => {
    const { box, backend } = peers[0]!
    const active = serving(peers)
    const isOwn = (peer: ServerRef) => seen.servers.flat().some((server) => isSameServer(server, peer))
    const out = mostOut(seen, active)
    const kept = quantityOf(minHealthyOf(loadBalancer, backend), peers.filter(countsForTotal).length)
    const backups = peers.filter((peer) => peer.backup && !isOwn(peer) && isInService(peer))
    const left = Math.max(active.length - out, Math.min(backups.length, 1), kept)
    const least = Math.min(active.length, left)
    const figures = seen.figures.filter((figure) => figure.box === box && figure.backend === backend)
    return { box, backend, inService: active.length, least, ...loadOf(figures, { active, least }) }
  })
}

/** The most of a backend's servers that are out at once: those of the hosts that have the most of them. */
function mostOut({ servers, concurrency }: Seen, active: readonly ServerRef[]): number {
  const counts = servers.map(
    (own) => own.filter((server) => active.some((other) => isSameServer(other, server))).length,
  )
  return sum(counts.toSorted((a, b) => b - a).slice(0, concurrency))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** Whether fewer than half of the servers in service stay there: that takes a person's yes. */
export function isLowCapacity({ inService, least }: Pick<BackendCapacity, 'inService' | 'least'>): boolean {
  return least * 2 < inService
}

/** Says where a deployment leaves few servers, or fewer than the sessions of now need, and what they will carry. */
export function warnOfLeastCapacity(capacity: readonly BackendCapacity[]): string[] {
  return capacity.filter((backend) => isLowCapacity(backend) || isOverLimit(backend)).map(describeCapacity)
}

/**
 * Refuses a plan that leaves a backend less than half of its servers in service, unless the settings accept that.
 * @throws {VesemirError} `CAPACITY_LOW`
 */
export function refuseLowCapacity({ capacity = [] }: Plan, { acceptLowCapacity }: DeploymentSpec): void {
  const low = capacity.filter(isLowCapacity)
  if (low.length === 0 || acceptLowCapacity) return
  const message = `less than half would stay in service, and low capacity is not accepted: ${low.map(describeCapacity).join('; ')}`
  throw new VesemirError('CAPACITY_LOW', message)
}

function describeCapacity(capacity: BackendCapacity): string {
  const { box, backend, inService, least, sessions, sessionsPerSecond, sessionLimit } = capacity
  const load = `${sessions} ${sessions === 1 ? 'session' : 'sessions'}, ${sessionsPerSecond} new per second`
  const limit = sessionLimit === undefined || least === 0 ? '' : `; session limit then: ${sessionLimit}`
  return `${box} ${backend}: at least ${least} of ${inService} servers in service; load now: ${load}${limit}`
}

function isOverLimit({ sessions, sessionLimit, inService, least }: BackendCapacity): boolean {
  return least < inService && sessionLimit !== undefined && sessions > sessionLimit
}

/** Which servers will be left is not known: their limit is that of the smallest ones. */
function loadOf(
  figures: readonly ServerFigures[],
  { active, least }: { active: readonly ServerState[]; least: number },
): Pick<BackendCapacity, 'sessions' | 'sessionsPerSecond' | 'sessionLimit'> {
  const limits = figures
    .filter((figure) => active.some((server) => isSameServer(server, figure)))
    .flatMap(({ sessionLimit }) => sessionLimit ?? [])
    .toSorted((a, b) => a - b)
  const isLimited = limits.length === active.length && least > 0
  return {
    sessions: sum(figures.map(({ sessions }) => sessions)),
    sessionsPerSecond: sum(figures.map(({ sessionsPerSecond }) => sessionsPerSecond)),
    ...(isLimited ? { sessionLimit: sum(limits.slice(0, least)) } : {}),
  }
}
