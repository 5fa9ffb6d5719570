import type { HostHistory } from '@vesemir/core'
import { typicalDurationMs } from './durations.ts'
import { forgetHost, listHosts, listInUse } from './releases.ts'
import type { Store } from './store.ts'

/** Keeps what hosts run and how long they took in a few keys of each application. */
export function createHostHistory(store: Store): HostHistory {
  return {
    list: (application, selection) => listHosts(store, { application, ...selection }),
    forget: (place, host) => forgetHost(store, { place, host }),
    listInUse: (application) => listInUse(store, application),
    typicalDurationMs: (place) => typicalDurationMs(store, place),
  }
}
