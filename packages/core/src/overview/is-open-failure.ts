import type { Deployment } from '@vesemir/contract'

/** Whether a deployment has failed, and no newer one has its machines. */
export function isOpenFailure({ state, supersededBy }: Pick<Deployment, 'state' | 'supersededBy'>): boolean {
  return state.status === 'failed' && !supersededBy
}
