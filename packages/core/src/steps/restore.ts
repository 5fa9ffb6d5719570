import type { ServerState } from '@vesemir/contract'
import { adoptForeignWeights, yieldToPerson } from '../persons-hand.ts'
import { proveAtEnd } from '../prove-again.ts'
import { describeWeights, fullWeights } from '../servers.ts'
import { change, snapshotOf, type Walk } from '../walk.ts'
import type { Step } from './step.ts'

/**
 * Gives the host the weight that it had before, and proves its version a last time.
 * @throws {VesemirError} `SERVER_NOT_IN_SERVICE`, and as `proveAtEnd`
 */
export const restore: Step<'restore'> = {
  name: 'restore',
  rotation: 'back',
  leaves: { provenUnless: ['VERSION_CHANGED', 'HEALTH_CHECK_FAILED'] },
  needsService: true,
  resumes: { inService: 'restore', heldOut: 'verify' },
  describe: ({ loadBalancer }) => (loadBalancer.kind === 'none' ? undefined : 'the weight that it had before'),
  async run(walk) {
    const weights = walk.servers.length > 0 ? describeWeights(await restoreWeights(walk)) : 'no load balancer'
    const proof = await proveAtEnd(walk)
    await walk.ports.journal.clear(walk.servers)
    return `${weights}; ${proof}`
  },
}

async function restoreWeights(walk: Walk): Promise<ServerState[]> {
  const before = await walk.balancer.read(walk.servers, walk.signal)
  await yieldToPerson(walk, before)
  await adoptForeignWeights(walk, before)
  const weights = fullWeights(snapshotOf(walk))
  const restored = await change(walk, () => walk.balancer.setWeights(weights, walk.signal))
  await yieldToPerson(walk, restored)
  return restored
}
