import type { DeploymentEvent, DeploymentView } from '@vesemir/contract'
import type { System } from '../support/start-system.ts'

const timeoutMs = 120_000

/** Follows a deployment up to the first event that is meant, and gives all events up to there. */
export async function followUntil(
  { client }: System,
  id: string,
  isMeant: (event: DeploymentEvent) => boolean,
): Promise<DeploymentEvent[]> {
  const events: DeploymentEvent[] = []
  for await (const item of client.followEvents(id, { signal: AbortSignal.timeout(timeoutMs) })) {
    if ('kind' in item) continue
    events.push(item)
    if (isMeant(item)) return events
  }
  throw new Error(`${id} ended before`)
}

/** Waits for the deployment's end after those that were seen, and gives all of its events and its record. */
export async function followToEnd(
  system: System,
  id: string,
  { after = 0 }: { after?: number } = {},
): Promise<{ events: DeploymentEvent[]; view: DeploymentView }> {
  const events = await followUntil(system, id, ({ type, seq }) => type === 'deployment.ended' && seq > after)
  return { events, view: await system.client.getDeployment(id) }
}

/** Says whether an event is the beginning of a step on a host. */
export function startsStep(host: string, step: string): (event: DeploymentEvent) => boolean {
  return (event) => event.type === 'step.started' && event.step === step && event.host === host
}

/** How each host ended, in a line: name, status, traffic. */
export function ends({ hosts }: DeploymentView): string[] {
  return hosts.map(({ target, state }) =>
    [target.name, state.status, ...('traffic' in state ? [state.traffic] : [])].join(' '),
  )
}
