import { checkRollback } from '../what-runs.ts'
import type { Step } from './step.ts'

/**
 * Connects to the host and its boxes, and makes sure that a way back leads where it should. The connections themselves are
 * opened by every attempt, whichever step it resumes.
 * @throws {VesemirError} as `checkRollback`
 */
export const connect: Step<'connect'> = {
  name: 'connect',
  rotation: 'in',
  leaves: 'as-before',
  resumes: { inService: 'guard', heldOut: 'guard' },
  describe: ({ loadBalancer }) =>
    loadBalancer.kind === 'none'
      ? 'SSH to the host, key verified'
      : 'SSH to the host and to every load balancer box, keys verified',
  async run(walk) {
    if (walk.claim.host.intent === 'rollback') await checkRollback(walk)
    return undefined
  },
}
