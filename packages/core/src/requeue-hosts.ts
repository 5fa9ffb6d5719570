import type { Deployment, HostRecord, Intent, ServerState } from '@vesemir/contract'
import { VesemirError } from './errors.ts'
import type { DeploymentClaim, HostRuns } from './ports/deployment-claim.ts'
import type { LoadBalancer } from './ports/load-balancer.ts'
import { isHeldOut, isSameServer } from './servers.ts'

/** What a command is for: all hosts that it makes sense for, or some by name. */
export interface WalkSelection {
  intent: Intent
  only?: readonly string[] | undefined
  /** Hosts that are left out for good, unless they are named. */
  excluded?: readonly string[] | undefined
}

/**
 * The hosts that a command walks, of those that are not being walked. Named hosts are just these. Without names, a retry is for
 * those that did not succeed, and those that did and are out of rotation all the same: by the record, or by what `isOut` knows
 * better; not for those that were left out for good. A rollback is for those on which this deployment has changed something, and not taken it back.
 */
export function hostsToWalk(
  { intent, only, excluded = [] }: WalkSelection,
  hosts: readonly HostRecord[],
  isOut: (host: HostRecord) => boolean = isOutByRecord,
): HostRecord[] {
  const free = hosts.filter(({ state }) => state.status !== 'running')
  if (only) return free.filter(({ target }) => only.includes(target.name))
  if (intent === 'rollback') return free.filter(isChanged)
  return free.filter((host) => !excluded.includes(host.target.name) && (!isDone(host) || isOut(host)))
}

/** The hosts that a retry of others by name passes over although they are not done: the inventory may have them no more. */
export function omittedHosts(hosts: readonly HostRecord[], chosen: readonly string[]): string[] {
  const open = hosts.filter((host) => host.state.status !== 'running' && !isDone(host) && !host.gone)
  return open.map(({ target }) => target.name).filter((name) => !chosen.includes(name))
}

/** Of the hosts that a retry is to go on without, those that are not done: what a host has become is not taken from it. */
export function hostsToExclude(hosts: readonly HostRecord[], without: readonly string[]): string[] {
  const open = hosts.filter((host) => !isDone(host)).map(({ target }) => target.name)
  return without.filter((name) => open.includes(name))
}

/** Tells which hosts are out of rotation, by what the boxes show now: a host that succeeded may be drained since. */
export async function findOutOfRotation(
  hosts: readonly HostRecord[],
  { deployment, loadBalancer, signal }: { deployment: Deployment; loadBalancer: LoadBalancer; signal: AbortSignal },
): Promise<(host: HostRecord) => boolean> {
  const { plan, spec } = deployment
  const done = hosts.filter(isDone)
  await using balancer = await loadBalancer.open(plan!.boxes, spec.loadBalancer, signal)
  const seen = await balancer.read(
    done.flatMap(({ servers }) => servers),
    signal,
  )
  return outOfRotation(seen)
}

/**
 * Of the hosts that a command is for, those that still run what this deployment left; the others are left out, by name. All
 * are chosen, unless the deployment is superseded.
 * @throws {VesemirError} `DEPLOYMENT_SUPERSEDED` when none is left
 */
export async function findOwnHosts(
  hosts: readonly HostRecord[],
  { deployment, readReleases }: Pick<DeploymentClaim, 'deployment' | 'readReleases'>,
): Promise<{ chosen: HostRecord[]; leftOut: string[] }> {
  if (!deployment.supersededBy) return { chosen: [...hosts], leftOut: [] }
  const releases = await readReleases()
  const isOurs = ({ target }: HostRecord) => releases.get(target.name)?.id === deployment.id
  const chosen = hosts.filter(isOurs)
  const leftOut = hosts.filter((host) => !isOurs(host)).map(({ target }) => target.name)
  if (chosen.length > 0) return { chosen, leftOut }
  const runs = leftOut.slice(0, mostNamed).map((name) => `${name} runs ${describe(releases.get(name))}`)
  const rest = leftOut.length > mostNamed ? [`${leftOut.length - mostNamed} more`] : []
  const why = [...runs, ...rest].join(', ')
  const message = [`no host still runs a release of ${deployment.id}`, why].filter(Boolean).join(': ')
  throw new VesemirError('DEPLOYMENT_SUPERSEDED', message)
}

/** How many hosts a refusal names. */
const mostNamed = 3

/** Why hosts cannot be named to a deployment, if some are none of its plan. */
export function unknownHosts(
  named: readonly string[],
  { id, planned }: { id: string; planned: readonly string[] },
): VesemirError | undefined {
  const unknown = named.filter((name) => !planned.includes(name))
  if (unknown.length === 0) return undefined
  const few = planned.slice(0, mostNamed).join(', ')
  const rest = planned.length > mostNamed ? ` and ${planned.length - mostNamed} more` : ''
  const message = `${id} has no host ${unknown.join(', ')}; its hosts are ${few}${rest}`
  return new VesemirError('HOST_UNKNOWN', message, { details: { hosts: unknown } })
}

function describe(runs: HostRuns | undefined): string {
  if (!runs) return 'an unknown release'
  return runs.id === undefined ? runs.version : `${runs.version} (${runs.id})`
}

/**
 * What a host names as current counts, unless its changeset broke off; without that, what was introduced. One that ran the release
 * already is as before.
 */
function isChanged({ state, release, current, unproven }: HostRecord): boolean {
  if (state.status === 'rolled-back') return false
  if (unproven) return true
  if (!release || release.previous === release.id) return false
  return current === undefined || current.release === release.id
}

function isDone({ state, intent }: HostRecord): boolean {
  return state.status === 'succeeded' && intent === 'deploy'
}

function isOutByRecord({ state }: HostRecord): boolean {
  return 'traffic' in state && state.traffic !== undefined && !['restored', 'untouched'].includes(state.traffic)
}

function outOfRotation(seen: readonly ServerState[]): (host: HostRecord) => boolean {
  const held = seen.filter(isHeldOut)
  return ({ servers }) => servers.some((server) => held.some((out) => isSameServer(out, server)))
}
