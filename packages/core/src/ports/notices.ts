import type { Deployment } from '@vesemir/contract'

/** Tells people outside what has become of a deployment. */
export interface Notices {
  /**
   * Sees to it that everything in the record up to now will be told, once each, to those whom the application's settings
   * name. It waits for none of them, may be repeated, and never fails: a deployment goes on whether or not anybody hears.
   */
  catchUp(deployment: NoticedDeployment): Promise<void>
}

/** What notices say of their deployment. */
export type NoticedDeployment = Pick<Deployment, 'id' | 'spec' | 'createdAt' | 'idleMs' | 'requestedBy'>
