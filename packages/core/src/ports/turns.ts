import type { DeploymentSpec } from '@vesemir/contract'
import type { ApplicationEnvironment } from './application-environment.ts'

/** The order in which the deployments of an application's environment run: one at a time. */
export interface Turns {
  /**
   * Returns, in words, what a queued deployment has to wait for, and notes it in the record; undefined when it has its turn.
   * One that has begun has its turn until it ends. One that is not planned yet waits for what `isHeldBy` says of it, too.
   */
  check(id: string, isHeldBy?: (spec: DeploymentSpec) => string | undefined): Promise<string | undefined>
  /** Returns the deployment whose turn it is. */
  next(place: ApplicationEnvironment): Promise<string | undefined>
}
