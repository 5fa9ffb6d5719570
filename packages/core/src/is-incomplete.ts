import type { Deployment } from '@vesemir/contract'
import { findMissed } from './find-behind.ts'

/**
 * Whether a deployment that succeeded left hosts of its plan without the version: skipped, tolerated failures, or gone. Those
 * that a person left out for good do not count. Of one to hosts that are behind, also whether it missed a host.
 */
export function isIncomplete(deployment: Deployment): boolean {
  return deployment.state.status === 'succeeded' && (lacksHosts(deployment) || findMissed(deployment).length > 0)
}

/** Whether hosts of a deployment's plan have not got the version, besides those that a person left out for good. */
export function lacksHosts({ counts, plan, excluded = [] }: Deployment): boolean {
  return plan !== undefined && counts.succeeded + excluded.length < plan.hosts
}
