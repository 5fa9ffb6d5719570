import type { DeploymentView } from '@vesemir/contract'
import { numberOf } from './deployment-number.ts'
import { readJson } from '../../redis/read-json.ts'
import { fields, indexedFields } from './keys.ts'
import { letLag, removeFromListing } from './listing/listing.ts'
import { removeTerms } from './listing/terms.ts'
import { HostNames } from './schemas.ts'
import type { Store } from './store.ts'

/**
 * Removes all that is kept of a deployment, in one step, as long as it has ended and nothing has happened to it since it was
 * read. That there was one under this number is remembered. Gives whether it was removed.
 */
export async function removeDeployment(
  store: Store,
  { deployment: { id, spec }, cursor }: Pick<DeploymentView, 'deployment' | 'cursor'>,
): Promise<boolean> {
  const { keys, scripts } = store
  const shard = keys.ofDeployment(id)
  const names = await store.redis.hget(keys.record(id), fields.hostNames)
  const removed = await scripts.removeDeployment(
    [
      keys.record(id),
      keys.events(id),
      keys.log(id),
      shard.active,
      shard.removed,
      shard.deployments,
      ...indexedFields.map((field) => shard.index(field, spec[field])),
    ],
    [id, cursor, numberOf(id), keys.changes],
  )
  if (removed === 1) await letLag(forget(store, { id, spec, names }))
  return removed === 1
}

async function forget(
  store: Store,
  { id, spec, names }: Pick<DeploymentView['deployment'], 'id' | 'spec'> & { names: string | null },
): Promise<void> {
  await removeFromListing(store, id)
  const hosts = names === null ? [] : readJson(HostNames, names, `the hosts of ${id}`)
  await removeTerms(store, { id, terms: spec, hosts })
}
