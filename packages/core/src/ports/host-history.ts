import type { ApplicationHost } from '@vesemir/contract'
import type { Place } from './place.ts'

/** What is known of an application's hosts across its deployments. */
export interface HostHistory {
  /** Lists what was last put in place on each host of an application. */
  list(application: string, environment?: string): Promise<ApplicationHost[]>
  /** Lists the deployments by which an application's hosts run what they run, and those whose releases they should run. */
  listInUse(application: string): Promise<string[]>
  /** Returns the median of what an application's hosts took lately, in milliseconds; undefined before the first. */
  typicalDurationMs(place: Place): Promise<number | undefined>
}
