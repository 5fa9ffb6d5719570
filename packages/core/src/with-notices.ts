import type { DeploymentFact } from '@vesemir/contract'
import { claimWith } from './claim-with.ts'
import type { DeploymentClaim } from './ports/deployment-claim.ts'
import type { Notices } from './ports/notices.ts'

const told: readonly DeploymentFact['type'][] = ['deployment.planned', 'deployment.gated', 'deployment.ended']

/**
 * Gives the claim with people being told of what is appended to it: right after each such fact, and at first of what a
 * worker that died had not come to.
 */
export async function withNotices(claim: DeploymentClaim, notices: Notices): Promise<DeploymentClaim> {
  const tellOf = async ({ type }: DeploymentFact) => {
    if (told.includes(type)) await notices.catchUp(claim.deployment)
  }
  await notices.catchUp(claim.deployment)
  return claimWith(claim, {
    async append(fact) {
      await claim.append(fact)
      await tellOf(fact)
    },
    async end(fact) {
      const isEnded = await claim.end(fact)
      if (isEnded) await tellOf(fact)
      return isEnded
    },
  })
}
