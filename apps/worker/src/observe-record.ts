import type { Deployment, DeploymentFact, HostFact } from '@vesemir/contract'
import { claimWith, isVesemirError, type Claims, type DeploymentClaim, type HostClaim } from '@vesemir/core'

/** Watches what a worker writes into the record. */
export interface RecordObserver {
  /** Called once a fact is written, or is sure to be with the next. */
  written(fact: DeploymentFact | HostFact, claim: Pick<DeploymentClaim | HostClaim, 'deployment' | 'attempt'>): void
  /** Called when a claim turns out to be another worker's. */
  lost?(deployment: Deployment): void
}

/** Has observers called for all that is written by claims. */
export function observeRecord(claims: Claims, observers: readonly RecordObserver[]): Claims {
  const written: RecordObserver['written'] = (...fact) => observers.forEach((observer) => observer.written(...fact))
  const whenWritten = async <Result>(
    { deployment }: Pick<DeploymentClaim, 'deployment'>,
    { writing, tell }: { writing: Promise<Result>; tell: (result: Result) => void },
  ): Promise<Result> => {
    try {
      const result = await writing
      tell(result)
      return result
    } catch (error) {
      if (isVesemirError(error, 'FENCE_LOST')) observers.forEach((observer) => observer.lost?.(deployment))
      throw error
    }
  }
  const observeDeployment = (claim: DeploymentClaim) =>
    claimWith(claim, {
      append: (fact) => whenWritten(claim, { writing: claim.append(fact), tell: () => written(fact, claim) }),
      end: (fact) => whenWritten(claim, { writing: claim.end(fact), tell: (isEnd) => isEnd && written(fact, claim) }),
    })
  const observeHost = (claim: HostClaim) =>
    claimWith(claim, {
      append: (fact) => whenWritten(claim, { writing: claim.append(fact), tell: () => written(fact, claim) }),
      defer: (fact) => {
        claim.defer(fact)
        written(fact, claim)
      },
    })
  return {
    ...claims,
    claimDeployment: async (id, worker) => observeDeployment(await claims.claimDeployment(id, worker)),
    claimHost: async (id, host, worker) => observeHost(await claims.claimHost(id, host, worker)),
  }
}
