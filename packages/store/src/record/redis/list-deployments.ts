import type { Deployment, DeploymentFilter, DeploymentPage } from '@vesemir/contract'
import { readEach } from '../../redis/read-json.ts'
import { indexedFields } from './keys.ts'
import { readRow, rowFields, type Store } from './store.ts'

const chunkSize = 200

/**
 * Lists deployments, newest first: walks the shortest index that the filter allows and looks at each row. One that is not
 * visible is left out as if it did not exist.
 */
export async function listDeployments(
  store: Store,
  filter: DeploymentFilter,
  isVisible: (deployment: Deployment) => boolean = () => true,
): Promise<DeploymentPage> {
  const { limit } = filter
  const found: Deployment[] = []
  for await (const deployment of walkDeployments(store, filter)) {
    if (!isVisible(deployment)) continue
    found.push(deployment)
    if (found.length > limit) break
  }
  const deployments = found.slice(0, limit)
  const isLast = found.length <= limit
  return { deployments, ...(isLast ? {} : { next: deployments.at(-1)!.id }) }
}

/** Gives the deployments that a filter lets pass, the newest first, as long as they are taken. */
export async function* walkDeployments(store: Store, filter: Filter): AsyncGenerator<Deployment> {
  for await (const deployment of walkIndex(store, filter)) if (matches(deployment, filter)) yield deployment
}

type Filter = Omit<DeploymentFilter, 'limit'>

/** Gives all deployments, the oldest first, as long as they are taken. */
export async function* walkOldestFirst(store: Store): AsyncGenerator<Deployment> {
  const { redis, keys } = store
  for (let after = '-inf'; ;) {
    const ids = await redis.zrangebyscore(keys.deployments, after, '+inf', 'LIMIT', 0, chunkSize)
    yield* await readRows(store, ids)
    if (ids.length < chunkSize) return
    after = `(${numberOf(ids.at(-1)!)}`
  }
}

async function* walkIndex(store: Store, filter: Filter): AsyncGenerator<Deployment> {
  const { redis } = store
  const index = await shortestIndex(store, filter)
  let before = filter.before ? `(${numberOf(filter.before)}` : '+inf'
  for (;;) {
    const ids = await redis.zrevrangebyscore(index, before, '-inf', 'LIMIT', 0, chunkSize)
    yield* await readRows(store, ids)
    if (ids.length < chunkSize) return
    before = `(${numberOf(ids.at(-1)!)}`
  }
}

async function shortestIndex({ redis, keys }: Store, filter: Filter): Promise<string> {
  const candidates = indexedFields.flatMap((field) => {
    const value = filter[field]
    return value === undefined ? [] : [keys.index(field, value)]
  })
  const lengths = await Promise.all(candidates.map((key) => redis.zcard(key)))
  return candidates[lengths.indexOf(Math.min(...lengths))] ?? keys.deployments
}

async function readRows(store: Store, ids: readonly string[]): Promise<Deployment[]> {
  const { redis, keys, onInvalid } = store
  const pipeline = redis.pipeline()
  for (const id of ids) pipeline.hmget(keys.record(id), ...rowFields)
  const replies = (await pipeline.exec()) ?? []
  const rows = replies.map(([error, values], index) => {
    if (error) throw error
    return { id: ids[index]!, values: values as (string | null)[] }
  })
  return readEach(rows, { read: ({ id, values }) => readRow(store, id, values), onInvalid }).filter(
    (row) => row !== undefined,
  )
}

function matches({ spec, state }: Deployment, filter: Filter): boolean {
  if (filter.status !== undefined && filter.status !== state.status) return false
  return indexedFields.every((field) => filter[field] === undefined || filter[field] === spec[field])
}

function numberOf(id: string): string {
  return id.slice('d-'.length)
}
