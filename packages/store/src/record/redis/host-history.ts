import type { HostHistory } from '@vesemir/core'
import { typicalDurationMs } from './durations.ts'
import { listHosts, listInUse } from './releases.ts'
import type { Store } from './store.ts'

/** Keeps what hosts run and how long they took in a few keys of each application. */
export function createHostHistory(store: Store): HostHistory {
  return {
    list: (application, environment) => listHosts(store, { application, environment }),
    listInUse: (application) => listInUse(store, application),
    typicalDurationMs: (place) => typicalDurationMs(store, place),
  }
}
