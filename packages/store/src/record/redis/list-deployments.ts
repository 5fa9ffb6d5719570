import type { Deployment, DeploymentFilter, DeploymentPage, Grant } from '@vesemir/contract'
import { findGrant } from '@vesemir/core'
import { readEach, readJson } from '../../redis/read-json.ts'
import { idOf, numberOf } from './deployment-number.ts'
import { fields } from './keys.ts'
import { findCandidates, type Filter } from './listing/find-candidates.ts'
import { matchesFilter } from './matches-filter.ts'
import { HostNames } from './schemas.ts'
import { readRow, rowFields, type Store } from './store.ts'

const chunkSize = 200

/** Lists deployments, newest first. Without grants, all are visible; one that is not is left out as if it did not exist. */
export async function listDeployments(
  store: Store,
  filter: DeploymentFilter,
  grants?: readonly Grant[],
): Promise<DeploymentPage> {
  const { limit } = filter
  const found: Deployment[] = []
  for await (const deployment of walkDeployments(store, filter, { grants, atOnce: limit + 1 })) {
    found.push(deployment)
    if (found.length > limit) break
  }
  const deployments = found.slice(0, limit)
  const isLast = found.length <= limit
  return { deployments, ...(isLast ? {} : { next: deployments.at(-1)!.id }) }
}

interface WalkOptions {
  grants?: readonly Grant[] | undefined
  /** How many rows to read at once. */
  atOnce?: number
}

/** Yields the deployments that a filter lets pass and that grants cover, the newest first, as long as they are taken. */
export async function* walkDeployments(
  store: Store,
  filter: Filter,
  { grants, atOnce = 20 }: WalkOptions = {},
): AsyncGenerator<Deployment> {
  for await (const candidates of findCandidates(store, filter, grants))
    for (let index = 0; index < candidates.length; index += atOnce) {
      const ids = candidates.slice(index, index + atOnce).map(idOf)
      const fitting = await withHost(store, await withStatus(store, ids, filter.status), filter.host)
      for (const deployment of await readRows(store, fitting))
        if (matchesFilter(deployment, filter) && isVisible(deployment, grants)) yield deployment
    }
}

/** Lists those of some deployments that have not ended, the newest first. */
export async function listOngoing(store: Store, ids: readonly string[]): Promise<Deployment[]> {
  const rows = await readRows(
    store,
    ids.toSorted((a, b) => numberOf(b) - numberOf(a)),
  )
  return rows.filter(({ state }) => !('endedAt' in state))
}

/** Yields all deployments, the oldest first, as long as they are taken. */
export async function* walkOldestFirst(store: Store): AsyncGenerator<Deployment> {
  const { redis, keys } = store
  for (let after = '-inf'; ;) {
    const ofShards = await Promise.all(
      keys.shards.map(({ deployments }) => redis.zrangebyscore(deployments, after, '+inf', 'LIMIT', 0, chunkSize)),
    )
    const ids = inOrder(ofShards)
    yield* await readRows(store, ids)
    if (ids.length < chunkSize) return
    after = `(${numberOf(ids.at(-1)!)}`
  }
}

/** Returns the oldest of what was read of each shard. */
function inOrder(ofShards: readonly string[][]): string[] {
  const [first = [], ...others] = ofShards
  if (others.length === 0) return first
  return ofShards
    .flat()
    .toSorted((a, b) => numberOf(a) - numberOf(b))
    .slice(0, chunkSize)
}

/** Leaves out those in another state before their rows are read, which costs a hundred times as much. */
async function withStatus(store: Store, ids: readonly string[], status: Filter['status']): Promise<readonly string[]> {
  const { redis, keys } = store
  if (status === undefined) return ids
  const found = await Promise.all(ids.map((id) => redis.hget(keys.record(id), fields.status)))
  return ids.filter((_, index) => found[index] === status)
}

async function withHost(store: Store, ids: readonly string[], host: string | undefined): Promise<readonly string[]> {
  const { redis, keys, onInvalid } = store
  if (host === undefined) return ids
  const found = await Promise.all(
    ids.map(async (id) => ({ id, names: await redis.hget(keys.record(id), fields.hostNames) })),
  )
  const read = ({ id, names }: (typeof found)[number]) =>
    names !== null && readJson(HostNames, names, `the hosts of ${id}`).includes(host) ? id : undefined
  return readEach(found, { read, onInvalid }).filter((id) => id !== undefined)
}

async function readRows(store: Store, ids: readonly string[]): Promise<Deployment[]> {
  const { redis, keys, onInvalid } = store
  // Not in a pipeline, which in a Redis Cluster reaches one node.
  const rows = await Promise.all(
    ids.map(async (id) => ({ id, values: await redis.hmget(keys.record(id), ...rowFields) })),
  )
  return readEach(rows, { read: ({ id, values }) => readRow(store, id, values), onInvalid }).filter(
    (row) => row !== undefined,
  )
}

function isVisible({ spec }: Deployment, grants: readonly Grant[] | undefined): boolean {
  return grants === undefined || findGrant(grants, 'read', spec) !== undefined
}
