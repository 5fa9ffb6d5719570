import { toFailure, type Deployments } from '@vesemir/core'
import type { Epoch } from '../../epoch/create-epoch.ts'
import { createDeploymentCreator } from './create-deployment.ts'
import { readCurrent } from './current.ts'
import { missingDeployment } from './missing-deployment.ts'
import { readDeployment, readHost, readView, readViewJson } from './read-deployment.ts'
import { removeDeployment } from './remove-deployment.ts'
import { shareReadings } from './share-readings.ts'
import type { Store } from './store.ts'
import { findProblem, verifyNewest } from './verify-record.ts'

/** For so long, others who look at a record take what was found wrong with it. */
const problemKeptMs = 5000

/** Keeps each deployment in a hash, its hosts included. */
export function createDeployments(store: Store, epoch: Pick<Epoch, 'note'>): Deployments {
  const create = createDeploymentCreator(store)
  const explainProblem = shareReadings((id: string) => findProblem(store, id), {
    keyOf: (id) => id,
    keptMs: problemKeptMs,
  })
  return {
    async create(order) {
      const created = await create(order)
      epoch.note(created.id)
      return created
    },
    read: (id) => readDeployment(store, id),
    async readCurrent(place) {
      const current = await readCurrent(store, place)
      return current && readDeployment(store, current.id)
    },
    readHost: (id, host) => readHost(store, { id, host }),
    readView: (id) => readView(store, id),
    async readViewJson(id) {
      const problem = await explainProblem(id)
      return readViewJson(store, { id, incomplete: problem && toFailure(problem) })
    },
    verifyNewest: (application, count) => verifyNewest(store, { application, count }),
    readBytes: (id) => readBytes(store, id),
    remove: (view) => removeDeployment(store, view),
    explainMissing: (id) => missingDeployment(store, id),
  }
}

/** Redis samples long streams and hashes. */
async function readBytes({ redis, keys }: Store, id: string): Promise<number> {
  const names = [keys.record(id), keys.events(id), keys.log(id)]
  const sizes = await Promise.all(names.map((name) => redis.memory('USAGE', name)))
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
}
