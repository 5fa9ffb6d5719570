import type { ApplicationLock } from '@vesemir/contract'
import type { ApplicationEnvironment } from './application-environment.ts'

/** The locks that people put on an application's environment: no deployment begins there; one that has begun goes on. */
export interface ApplicationLocks {
  put(lock: Omit<ApplicationLock, 'at'>): Promise<ApplicationLock>
  read(place: ApplicationEnvironment): Promise<ApplicationLock | undefined>
  list(): Promise<ApplicationLock[]>
  delete(place: ApplicationEnvironment): Promise<void>
}
