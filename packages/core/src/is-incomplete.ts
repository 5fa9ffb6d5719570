import type { Deployment } from '@vesemir/contract'

/** Whether a deployment that succeeded left hosts of its plan without the version: skipped, tolerated failures, or gone. */
export function isIncomplete({ state, counts, plan }: Pick<Deployment, 'state' | 'counts' | 'plan'>): boolean {
  return state.status === 'succeeded' && plan !== undefined && counts.succeeded < plan.hosts
}
