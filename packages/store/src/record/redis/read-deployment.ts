import { HostRecord, type Deployment, type DeploymentView } from '@vesemir/contract'
import { readJson } from '../../redis/read-json.ts'
import { fields } from './keys.ts'
import { HostNames } from './schemas.ts'
import { readRow, rowFields, type Store } from './store.ts'

/** Reads a deployment's row. */
export async function readDeployment({ redis, keys }: Store, id: string): Promise<Deployment | undefined> {
  return readRow(id, await redis.hmget(keys.record(id), ...rowFields))
}

/** Reads one host of a deployment. */
export async function readHost(
  { redis, keys }: Store,
  { id, host }: { id: string; host: string },
): Promise<HostRecord | undefined> {
  const json = await redis.hget(keys.record(id), fields.host(host))
  return json === null ? undefined : readJson(HostRecord, json, hostOf(id, host))
}

/** Says which host's record it is. */
export function hostOf(id: string, host: string): string {
  return `the record of ${host} in ${id}`
}

/** Reads a deployment with its hosts and the number of its last event, all of one moment. */
export async function readView(store: Store, id: string): Promise<DeploymentView | undefined> {
  const { row, hosts, seq } = await readParts(store, id)
  const deployment = readRow(id, row)
  if (!deployment) return undefined
  return {
    deployment,
    hosts: hosts.map((json) => readJson(HostRecord, json.toString(), `a host of ${id}`)),
    cursor: Number(seq),
  }
}

/**
 * Reads the same as JSON in UTF-8. Hosts are in it as the record has them, and are checked by whoever reads the view: nothing is
 * parsed to be serialised again.
 */
export async function readViewJson(store: Store, id: string): Promise<Buffer | undefined> {
  const { row, hosts, seq } = await readParts(store, id)
  const deployment = readRow(id, row)
  if (!deployment) return undefined
  const start = Buffer.from(`{"deployment":${JSON.stringify(deployment)},"hosts":[`)
  const comma = Buffer.from(',')
  const end = Buffer.from(`],"cursor":${seq}}`)
  return Buffer.concat([start, ...hosts.flatMap((host, index) => (index === 0 ? [host] : [comma, host])), end])
}

interface Parts {
  row: (string | null)[]
  hosts: Buffer[]
  seq: string | null
}

/**
 * Reads what a view is made of by one command, so that all of it is of one moment. Hosts can be asked for by their names
 * alone, which the record has from the plan on: it is asked again with those that it shows. A script would need one trip, but
 * Lua copies each host several times: with thousands of them it takes Redis ten times as long.
 */
async function readParts({ redis, keys }: Store, id: string): Promise<Parts> {
  for (let known: string | null = null; ;) {
    const names = readJson(HostNames, known ?? '[]', `the hosts of ${id}`)
    const asked = [fields.hostNames, fields.seq, ...rowFields]
    const values: (Buffer | null)[] = await redis.hmgetBuffer(keys.record(id), ...asked, ...names.map(fields.host))
    const [hostNames = null, seq = null, ...row] = values
      .slice(0, asked.length)
      .map((value) => value && value.toString())
    if (hostNames === known)
      return { row, seq, hosts: values.slice(asked.length).map((host) => host ?? Buffer.from('null')) }
    known = hostNames
  }
}
