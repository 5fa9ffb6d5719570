import type { HostRecord, StepName } from '@vesemir/contract'
import { findStep } from '../steps/steps.ts'

/** Which version a server runs, as far as the deployment knows: the one that it brings, or the one before. */
export type Side = 'updated' | 'peer'

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
