import { VesemirError } from '@vesemir/core'
import type { Store } from './store.ts'

/** Redis numbers the bits of a text up to here. */
const mostBits = 2 ** 32

/** Tells why there is no deployment of this id: `DEPLOYMENT_REMOVED` when there was one, else `DEPLOYMENT_UNKNOWN`. */
export async function missingDeployment({ redis, keys }: Store, id: string): Promise<VesemirError> {
  const number = Number(id.slice('d-'.length))
  const wasRemoved = number < mostBits && (await redis.getbit(keys.removed, number)) === 1
  return wasRemoved
    ? new VesemirError('DEPLOYMENT_REMOVED', `the record of ${id} was deleted after its retention time`)
    : new VesemirError('DEPLOYMENT_UNKNOWN', `deployment ${id} not found`)
}
