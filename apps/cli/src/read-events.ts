import type { Client, DeploymentEvent } from '@vesemir/contract'

/** Reads what has happened to a deployment up to the event numbered `last`, its output apart. */
export async function readEvents(
  id: string,
  { client, last }: { client: Pick<Client, 'followEvents'>; last: number },
): Promise<DeploymentEvent[]> {
  let events: DeploymentEvent[] = []
  for await (const item of client.followEvents(id)) {
    if (!('kind' in item)) {
      if (item.type !== 'log.appended' && item.type !== 'task.logged') events.push(item)
      if (item.seq >= last) break
    } else if (item.kind === 'restored') events = events.filter(({ seq }) => seq <= item.after)
    else if (item.to >= last) break
  }
  return events
}
