import type { DeploymentSpec, HostRecord, StepName } from '@vesemir/contract'
import { findStep } from '../steps/steps.ts'
import { serverKey } from './server-key.ts'
import type { Side, SideOf } from './side.ts'

/**
 * Returns what tells the side of each server, whichever of its backend it is. One that the deployment is not for is a peer: it runs what
 * was there before; but where the deployment is only for hosts that were behind, it may run the new version, and is on neither side.
 */
export function sidesOf(hosts: Iterable<HostRecord>, { only }: Pick<DeploymentSpec, 'only'>): SideOf {
  const sides = new Map<string, Side | undefined>()
  for (const host of hosts) for (const server of host.servers) sides.set(serverKey(server), sideOf(host))
  const ofOthers = only === undefined ? 'peer' : undefined
  return (server) => {
    const key = serverKey(server)
    return sides.has(key) ? sides.get(key) : ofOthers
  }
}

/** Returns the side of a host's servers; undefined while it is neither, as when it is out of rotation, has failed, or goes back. */
export function sideOf(host: Pick<HostRecord, 'state' | 'intent' | 'steps' | 'history' | 'release'>): Side | undefined {
  const { state, intent, release, history = [] } = host
  if (intent !== 'deploy') return undefined
  if (state.status === 'succeeded') return 'updated'
  if (state.status === 'running' && isBack(state.step)) return 'updated'
  const isUntouched = release === undefined && history.length === 0
  const serves = state.status === 'pending' || (state.status === 'running' && findStep(state.step).rotation === 'in')
  return isUntouched && serves ? 'peer' : undefined
}

/** Whether a host is watched now, at a reduced weight. */
export function isWatched({ state, intent }: Pick<HostRecord, 'state' | 'intent'>): boolean {
  return intent === 'deploy' && state.status === 'running' && isBack(state.step)
}

function isBack(step: StepName): boolean {
  return findStep(step).rotation === 'back'
}
