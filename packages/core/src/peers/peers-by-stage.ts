import type { DeploymentEvent, PeersSum } from '@vesemir/contract'
import { addSample } from './add-sample.ts'

/** Returns what was counted while each set of hosts was the updated one, in order: of a canary, then of the waves after it. */
export function peersByStage(events: Iterable<DeploymentEvent>): PeersSum[] {
  const stages: PeersSum[] = []
  for (const event of events) {
    if (event.type !== 'peers.compared') continue
    const stage = event.begins ? undefined : stages.pop()
    stages.push(addSample(stage, event, event.at))
  }
  return stages
}
