import { VesemirError } from '@vesemir/core'
import type { Store } from './store.ts'

/** Redis numbers the bits of a text up to here. */
const mostBits = 2 ** 32

/**
 * Tells why there is no deployment of this id: `DEPLOYMENT_REMOVED` when there was one, `DEPLOYMENT_LOST` when Redis has forgotten
 * it, else `DEPLOYMENT_UNKNOWN`.
 */
export async function missingDeployment({ redis, keys }: Store, id: string): Promise<VesemirError> {
  const number = Number(id.slice('d-'.length))
  const shard = keys.ofDeployment(id)
  if (number < mostBits && (await redis.getbit(shard.removed, number)) === 1)
    return new VesemirError('DEPLOYMENT_REMOVED', `the record of ${id} was deleted after its retention time`)
  const [epochs, last] = await Promise.all([redis.hget(shard.epoch, 'ordinal'), redis.get(keys.lastNumber)])
  return Number(epochs) > 1 && number <= Number(last)
    ? new VesemirError('DEPLOYMENT_LOST', `Redis has lost the record of ${id}`)
    : new VesemirError('DEPLOYMENT_UNKNOWN', `deployment ${id} not found`)
}
