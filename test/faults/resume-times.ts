import type { DeploymentEvent } from '@vesemir/contract'

/** Workers that stopped working at a moment, and when some worker was there to go on. Both in milliseconds. */
export interface Outage {
  workers: readonly string[]
  atMs: number
  workerThereAtMs: number
}

/** What can be claimed: the deployment itself, or one of its hosts. */
interface Held {
  worker: string
  attempt: number
}

/**
 * Gives how long each deployment and host that the lost workers had in hand stood still, in milliseconds: from when a worker
 * was there to the claim by which it went on. Infinity stands for one that nobody took up.
 */
export function resumeTimes(events: readonly DeploymentEvent[], outage: Outage): number[] {
  const before = events.filter(({ at }) => Date.parse(at) <= outage.atMs)
  const after = events.filter(({ at }) => Date.parse(at) > outage.atMs)
  const left = [...heldAtEnd(before)].filter(([, { worker }]) => outage.workers.includes(worker))
  return left.flatMap(([subject, { attempt }]) => {
    const next = after.find((event) => isAbout(event, subject) && (isClaim(event, attempt) || isEnd(event)))
    // What a stopped worker had sent already can still arrive.
    if (next && isEnd(next)) return []
    return [next ? Math.max(0, Date.parse(next.at) - outage.workerThereAtMs) : Infinity]
  })
}

function heldAtEnd(events: readonly DeploymentEvent[]): Map<string, Held> {
  const held = new Map<string, Held>()
  for (const event of events) {
    if (event.type === 'deployment.claimed') held.set('', event)
    if (event.type === 'host.claimed') held.set(event.host, event)
    if (event.type === 'deployment.ended') held.delete('')
    if (event.type === 'host.ended') held.delete(event.host)
  }
  return held
}

function isAbout(event: DeploymentEvent, subject: string): boolean {
  return subject === '' ? event.type.startsWith('deployment.') : 'host' in event && event.host === subject
}

function isClaim(event: DeploymentEvent, attempt: number): boolean {
  return (event.type === 'deployment.claimed' || event.type === 'host.claimed') && event.attempt > attempt
}

function isEnd({ type }: DeploymentEvent): boolean {
  return type === 'deployment.ended' || type === 'host.ended'
}
