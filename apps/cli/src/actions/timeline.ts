import { capacityOverTime, nowAfter, timelineOf } from '@vesemir/core'
import { exitCodes } from '../exit-codes.ts'
import { readEvents } from '../read-events.ts'
import { jsonDocument } from '../render/json.ts'
import { timelineLines } from '../render/timeline.ts'
import type { Session } from '../session.ts'
import { findLatest } from './find-latest.ts'

/** Shows a deployment over time: its hosts, what it waited for, and the servers in service. */
export async function showTimeline(idOrLatest: string, session: Session): Promise<number> {
  const { client, json, terminal, write, print } = session
  const id = await findLatest(idOrLatest, client)
  const { deployment, cursor } = await client.getDeployment(id)
  const events = await readEvents(id, { client, last: cursor })
  const timeline = timelineOf(events)
  const capacity = capacityOverTime(events)
  if (json) write(jsonDocument({ id, ...timeline, capacity }))
  else if (timeline) {
    const options = { nowMs: nowAfter(events, Date.now()), columns: terminal?.columns ?? 80 }
    timelineLines({ deployment, timeline, capacity }, options).forEach(print)
  }
  return exitCodes.succeeded
}
