import { capacityOverTime, nowAfter, peersByStage, timelineOf, verdictOn } from '@vesemir/core'
import type { DeploymentSpec, PeersSum } from '@vesemir/contract'
import { exitCodes } from '../exit-codes.ts'
import { readEvents } from '../read-events.ts'
import { jsonDocument } from '../render/json.ts'
import { timelineLines } from '../render/timeline.ts'
import type { Session } from '../session.ts'
import { findLatest } from './find-latest.ts'

/** Shows a deployment over time: its hosts, what it waited for, the servers in service, and the updated ones beside the others. */
export async function showTimeline(idOrLatest: string, session: Session): Promise<number> {
  const { client, json, terminal, write, print } = session
  const id = await findLatest(idOrLatest, client)
  const { deployment, cursor } = await client.getDeployment(id)
  const events = await readEvents(id, { client, last: cursor })
  const timeline = timelineOf(events)
  const capacity = capacityOverTime(events)
  const peers = peersByStage(events)
  if (json) write(jsonDocument({ id, ...timeline, capacity, peers: judged(peers, deployment.spec) }))
  else if (timeline) {
    const options = { nowMs: nowAfter(events, Date.now()), columns: terminal?.columns ?? 80 }
    timelineLines({ deployment, timeline, capacity, peers }, options).forEach(print)
  }
  return exitCodes.succeeded
}

/** Adds what the judge makes of the updated servers. */
function judged(stages: readonly PeersSum[], { loadBalancer }: DeploymentSpec) {
  const limits = loadBalancer.kind === 'none' ? undefined : loadBalancer.maxRegression
  return stages.map(({ backends, ...stage }) => ({
    ...stage,
    backends: backends.map((backend) => ({ ...backend, verdict: verdictOn(backend, limits) })),
  }))
}
