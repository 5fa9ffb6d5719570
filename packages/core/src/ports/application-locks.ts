import type { ApplicationLock } from '@vesemir/contract'
import type { Place } from './place.ts'

/** The locks that people put on an application's environment: no deployment begins there; one that has begun goes on. */
export interface ApplicationLocks {
  put(lock: Omit<ApplicationLock, 'at'>): Promise<ApplicationLock>
  read(place: Place): Promise<ApplicationLock | undefined>
  list(): Promise<ApplicationLock[]>
  delete(place: Place): Promise<void>
}
