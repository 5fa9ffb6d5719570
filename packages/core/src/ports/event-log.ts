import type { EventPage } from '@vesemir/contract'

/** The events of deployments, output included, for those who watch. */
export interface EventLog {
  /**
   * Reads the events after a cursor. One of another epoch continues where the record was restored, and the page says so.
   * @throws {VesemirError} `DEPLOYMENT_UNKNOWN`, `DEPLOYMENT_REMOVED`, `DEPLOYMENT_LOST`, `REQUEST_INVALID` for an `after` that is yet to come
   */
  read(id: string, page: { after: number; epoch?: string | undefined; limit: number }): Promise<EventPage>
  /** Yields pages of events as they happen, to the deployment's end. Throws as `read`. */
  follow(id: string, options: FollowOptions): AsyncGenerator<EventPage, void>
}

export interface FollowOptions {
  /** The number of the last event that the follower has. */
  after: number
  /** The epoch that this number is of; the one that Redis is in, when left out. */
  epoch?: string | undefined
  signal?: AbortSignal | undefined
}
