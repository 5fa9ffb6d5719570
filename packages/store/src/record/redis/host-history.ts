import type { HostHistory } from '@vesemir/core'
import { typicalDurationMs } from './durations.ts'
import { readCurrent } from './current.ts'
import { forgetHost, listHosts, listInUse, readWantedIn } from './releases.ts'
import type { Store } from './store.ts'

/** Keeps what hosts run and how long they took in a few keys of each application. */
export function createHostHistory(store: Store): HostHistory {
  return {
    list: (application, selection) => listHosts(store, { application, ...selection }),
    async readWanted(place) {
      const [wanted, current] = await Promise.all([readWantedIn(store, place), readCurrent(store, place)])
      return { wanted, current }
    },
    forget: (place, host) => forgetHost(store, { place, host }),
    listInUse: (application) => listInUse(store, application),
    typicalDurationMs: (place) => typicalDurationMs(store, place),
  }
}
