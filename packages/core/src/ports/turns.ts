import type { Place } from './place.ts'

/** The order in which the deployments of an application's environment run: one at a time. */
export interface Turns {
  /**
   * Returns, in words, what a queued deployment has to wait for, and notes it in the record; undefined when it has its turn.
   * One that has begun has its turn until it ends.
   */
  check(id: string): Promise<string | undefined>
  /** Returns the deployment whose turn it is. */
  next(place: Place): Promise<string | undefined>
}
