import type { EventPage } from '@vesemir/contract'

/** The events of deployments, output included, for those who watch. */
export interface EventLog {
  /** @throws {VesemirError} `DEPLOYMENT_UNKNOWN`, `DEPLOYMENT_REMOVED`, `REQUEST_INVALID` for an `after` that is yet to come */
  read(id: string, page: { after: number; limit: number }): Promise<EventPage>
  /** Yields pages of events as they happen, to the deployment's end. Throws as `read`. */
  follow(id: string, options: FollowOptions): AsyncGenerator<EventPage, void>
}

export interface FollowOptions {
  /** The number of the last event that the follower has. */
  after: number
  signal?: AbortSignal | undefined
}
