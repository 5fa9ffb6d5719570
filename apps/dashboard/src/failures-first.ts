import type { Deployment } from '@vesemir/contract'
import { isOpenFailure } from '@vesemir/core'

/** Puts the failed deployments whose machines no newer one has before all others, each in the order given. */
export function failuresFirst(deployments: readonly Deployment[]): Deployment[] {
  const [failed, others]: [Deployment[], Deployment[]] = [[], []]
  for (const deployment of deployments) (isOpenFailure(deployment) ? failed : others).push(deployment)
  return [...failed, ...others]
}
