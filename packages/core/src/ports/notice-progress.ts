import type { Deployment, DeploymentEvent } from '@vesemir/contract'

/** How far recipients outside have been notified of a deployment's events. */
export interface NoticeProgress {
  /** Reads the next events, output apart, of which nobody has been notified yet; at most 1000, and none when all are done. */
  readPending(deployment: Pick<Deployment, 'id' | 'createdAt'>): Promise<DeploymentEvent[]>
  /** Notes that everything up to an event has been notified, or will be whatever happens. */
  markNotified(id: string, seq: number): Promise<void>
}
