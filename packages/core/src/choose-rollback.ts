import type { Deployment } from '@vesemir/contract'
import { VesemirError } from './errors.ts'

/** How an application goes back in an environment: its current deployment is rolled back, or an earlier version is deployed again. */
export interface RollbackChoice {
  /** The version that runs, and the one to go back to. */
  from: string
  to: string
  current: Deployment
  by: 'rollback' | 'deployment'
}

/**
 * Chooses how an application goes back, from its deployments in one environment, newest first: to the version that succeeded last
 * before the current one, or to one that is named. What a host ran right before is still on it: that is a rollback of the current
 * deployment, and anything earlier a deployment of its own.
 * @throws {VesemirError} `ROLLBACK_UNAVAILABLE`
 */
export function chooseRollback(deployments: readonly Deployment[], wanted?: string): RollbackChoice {
  const { current, good, before } = findPast(deployments)
  if (!current) throw unavailable('nothing has been deployed')
  // Hosts that were not behind have the version by an earlier deployment: going back takes one to all of them.
  const isForSome = current.spec.only !== undefined
  if (current.state.status === 'rolled-back' && !isForSome) return fromBefore(current, { before, good, wanted })
  const from = current.spec.version
  const to = wanted ?? before
  if (to === undefined) throw unavailable(`no version before ${from} has succeeded`)
  if (to === from) throw unavailable(`${current.id} deployed ${from}, the version to go back to`)
  if (to === before && !isForSome) return { from, to, current, by: 'rollback' }
  return { from, to: refuseUnknown(to, good), current, by: 'deployment' }
}

/**
 * Returns the deployments without which an application has no way back, of those that have succeeded in an environment, newest first: the
 * last, and the last of another version.
 */
export function neededToGoBack(succeeded: readonly Deployment[]): string[] {
  const good = succeeded.filter(isGood)
  const [last] = good
  const before = good.find(({ spec }) => spec.version !== last?.spec.version)
  return [last, before].flatMap((deployment) => deployment?.id ?? [])
}

/** Lists the versions that `chooseRollback` takes, the latest first: the first is the one that it chooses where none is named. */
export function listRollbackVersions(deployments: readonly Deployment[]): string[] {
  const { current, good, before } = findPast(deployments)
  if (!current) return []
  const running =
    current.state.status === 'rolled-back' && !current.spec.only
      ? [before, current.spec.version]
      : [current.spec.version]
  return [...new Set(good.map(({ spec }) => spec.version))].filter((version) => !running.includes(version))
}

/** Finds the current deployment, those before it that succeeded, and the version before. */
function findPast(deployments: readonly Deployment[]) {
  const index = deployments.findIndex(({ plan, supersededBy }) => plan !== undefined && supersededBy === undefined)
  const current = deployments[index]
  const good = current ? deployments.slice(index + 1).filter(isGood) : []
  const before = good.find(({ spec }) => spec.version !== current?.spec.version)?.spec.version
  return { current, good, before }
}

/** Returns whether a version was good on hosts: of a deployment that found none behind, it was on none. */
export function isGood({ state, plan }: Deployment): boolean {
  return state.status === 'succeeded' && plan !== undefined && plan.hosts > 0
}

/** Who asks twice does not go back twice: a version before the last good one has to be named. */
function fromBefore(
  current: Deployment,
  { before, good, wanted }: { before: string | undefined; good: readonly Deployment[]; wanted: string | undefined },
): RollbackChoice {
  const from = before ?? 'the version before'
  if (wanted === undefined || wanted === before)
    throw unavailable(`${current.id} is rolled back already, to ${from}. To go back further, name the version`)
  return { from, to: refuseUnknown(wanted, good), current, by: 'deployment' }
}

function refuseUnknown(version: string, good: readonly Deployment[]): string {
  if (good.some(({ spec }) => spec.version === version)) return version
  throw unavailable(`${version} is not among the versions that have succeeded there`)
}

function unavailable(why: string): VesemirError {
  return new VesemirError('ROLLBACK_UNAVAILABLE', `cannot go back: ${why}`)
}
