import type { Deployment, DeploymentView, HostRecord } from '@vesemir/contract'
import { fields } from './keys.ts'
import { parse, readRow, rowFields, type Store } from './store.ts'

/** Reads a deployment's row. */
export async function readDeployment({ redis, keys }: Store, id: string): Promise<Deployment | undefined> {
  return readRow(await redis.hmget(keys.record(id), ...rowFields))
}

/** Reads one host of a deployment. */
export async function readHost(
  { redis, keys }: Store,
  { id, host }: { id: string; host: string },
): Promise<HostRecord | undefined> {
  const json = await redis.hget(keys.record(id), fields.host(host))
  return json === null ? undefined : parse<HostRecord>(json)
}

/** Reads a deployment with its hosts and the number of its last event, all of one moment. */
export async function readView({ redis, keys }: Store, id: string): Promise<DeploymentView | undefined> {
  const record = await redis.hgetall(keys.record(id))
  const deployment = readRow(rowFields.map((field) => record[field] ?? null))
  if (!deployment) return undefined
  const names = parse<string[]>(record[fields.hostNames] ?? '[]')
  const hosts = names.map((name) => parse<HostRecord>(record[fields.host(name)]!))
  return { deployment, hosts, cursor: Number(record[fields.seq]) }
}
