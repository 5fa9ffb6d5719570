import type { Deployment } from '@vesemir/contract'

/**
 * Whether a deployment that succeeded left hosts of its plan without the version: skipped, tolerated failures, or gone. Those
 * that a person left out for good do not count.
 */
export function isIncomplete(deployment: Deployment): boolean {
  const { state, counts, plan, excluded = [] } = deployment
  return state.status === 'succeeded' && plan !== undefined && counts.succeeded + excluded.length < plan.hosts
}
