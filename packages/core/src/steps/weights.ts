import type { ServerState } from '@vesemir/contract'
import type { ServerWeight } from '../ports.ts'
import { hasWeight, isSameServer } from '../servers.ts'
import { change, type Walk } from '../walk.ts'

/** Sets the weights that servers should have and do not show: a reload of HAProxy forgets them. */
export async function putBackWeights(
  walk: Walk,
  { servers, weights }: { servers: readonly ServerState[]; weights: readonly ServerWeight[] },
): Promise<void> {
  const wrong = weights.filter(({ server, weight }) => {
    const now = servers.find((now) => isSameServer(now, server))
    return !now || !hasWeight(now, weight)
  })
  if (wrong.length > 0) await change(walk, () => walk.balancer.setWeights(wrong, walk.signal))
}
