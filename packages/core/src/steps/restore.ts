import { describeWeights, fullWeights } from '../servers.ts'
import { proveAtEnd } from '../prove-again.ts'
import { change, snapshotOf, type ConnectedWalk } from '../walk.ts'

/**
 * Gives the host the weight that it had before, and proves its version a last time.
 * @throws {VesemirError} as `proveAtEnd`
 */
export async function restore(walk: ConnectedWalk): Promise<string> {
  const weights = fullWeights(snapshotOf(walk))
  const isBalanced = walk.servers.length > 0
  const restored = isBalanced ? await change(walk, () => walk.balancer.setWeights(weights, walk.signal)) : []
  const proof = await proveAtEnd(walk)
  await walk.ports.journal.clear(walk.servers)
  return `${isBalanced ? describeWeights(restored) : 'no load balancer'}; ${proof}`
}
