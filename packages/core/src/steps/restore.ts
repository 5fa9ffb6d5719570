import { describeWeights, fullWeights } from '../servers.ts'
import { change, snapshotOf, type Walk } from '../walk.ts'

/** Gives the host the weight that it had before. */
export async function restore(walk: Walk): Promise<string> {
  if (walk.servers.length === 0) return 'no load balancer'
  const weights = fullWeights(snapshotOf(walk))
  const restored = await change(walk, () => walk.balancer.setWeights(weights, walk.signal))
  await walk.ports.journal.clear(walk.servers)
  return describeWeights(restored)
}
