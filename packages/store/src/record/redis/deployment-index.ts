import { DeploymentId } from '@vesemir/contract'
import type { DeploymentIndex } from '@vesemir/core'
import { readEach, readValue } from '../../redis/read-json.ts'
import { listDeployments, listOngoing, walkOldestFirst } from './list-deployments.ts'
import { readActive } from './read-shards.ts'
import { repairListing } from './listing/repair-listing.ts'
import type { Store } from './store.ts'

/** Finds deployments by the bits of their numbers, and those that have not ended by a set. */
export function createDeploymentIndex(store: Store): DeploymentIndex {
  const listActive = async () => readEach(await readActive(store), { read: readId, onInvalid: store.onInvalid })
  return {
    list: (filter, grants) => listDeployments(store, filter, grants),
    listActive,
    listOngoing: async () => listOngoing(store, await listActive()),
    walkOldestFirst: () => walkOldestFirst(store),
    repair: () => repairListing(store),
  }
}

function readId(id: string): string {
  return readValue(DeploymentId, id, 'the list of active deployments')
}
