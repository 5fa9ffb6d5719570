import type { ApplicationDefinition } from '@vesemir/contract'
import type { Applications, KnownApplication, KnownApplications } from '@vesemir/core'
import { listHosts, readWantedReleases } from './releases.ts'
import { shareReadings } from './share-readings.ts'
import type { Store } from './store.ts'

/** Each reading takes seven commands for each application: viewers who look again and again share it. */
const keptMs = 1000

/** Reads all registered applications with what runs. */
export function createKnownApplications(store: Store, applications: Pick<Applications, 'list'>): KnownApplications {
  const read = shareReadings(async () => Promise.all((await applications.list()).map((each) => know(store, each))), {
    keyOf: () => '',
    keptMs,
  })
  return { list: () => read(undefined) }
}

async function know(store: Store, definition: ApplicationDefinition): Promise<KnownApplication> {
  const { name: application } = definition
  const [hosts, wanted] = await Promise.all([listHosts(store, { application }), readWantedReleases(store, application)])
  return { definition, hosts, wanted }
}
