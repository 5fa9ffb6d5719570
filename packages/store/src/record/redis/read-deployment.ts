import { HostRecord, type Deployment, type DeploymentView, type Failure } from '@vesemir/contract'
import { readJson } from '../../redis/read-json.ts'
import type { Seals } from '../../seal/seals.ts'
import { fields } from './keys.ts'
import { sealContexts, type Identity } from './seal-contexts.ts'
import { HostNames } from './schemas.ts'
import { openRow, readRow, rowFields, type Row, type Sealed, type Store } from './store.ts'

/** Reads a deployment's row. */
export async function readDeployment(store: Store, id: string): Promise<Deployment | undefined> {
  const { redis, keys } = store
  return readRow(store, id, await redis.hmget(keys.record(id), ...rowFields))
}

/** Reads one host of a deployment. */
export async function readHost(
  store: Store,
  { id, host }: { id: string; host: string },
): Promise<HostRecord | undefined> {
  const { redis, keys, seals } = store
  const [sealed, ...values] = await redis.hmget(keys.record(id), fields.host(host), ...rowFields)
  const deployment = sealed ? readRow(store, id, values) : undefined
  return deployment && openHost(seals, sealed!, { deployment, name: host }).host
}

/** A host's record, and the link of its last event. */
export interface OpenedHost {
  host: HostRecord
  head: string
}

/** Reads a host's record, and the link of its last event. @throws {VesemirError} `RECORD_INVALID`, `ORDER_NOT_SIGNED`, `ORDER_FORGED` */
export function openHost(
  { rows }: Pick<Seals, 'rows'>,
  sealed: string,
  { deployment, name }: { deployment: Identity; name: string },
): OpenedHost {
  const place = sealContexts.host(deployment, name)
  const { text, link: head } = rows.open(place, sealed)
  return { host: readJson(HostRecord, text, place), head }
}

/** Returns the field and the value of a host's record. `head` is the link of its last event. */
export function sealHost(
  { rows }: Pick<Seals, 'rows'>,
  host: HostRecord,
  { deployment, head }: { deployment: Identity; head: string },
): [field: string, sealed: string] {
  const { name } = host.target
  return [fields.host(name), rows.put(sealContexts.host(deployment, name), JSON.stringify(host), head)]
}

/** Reads a deployment with its hosts and the number of its last event, all of one moment. */
export async function readView(store: Store, id: string): Promise<DeploymentView | undefined> {
  const view = await openView(store, id)
  if (!view) return undefined
  return { deployment: view.row.deployment, hosts: view.hosts.map(({ host }) => host), cursor: view.cursor }
}

/** Reads the same, with what its keepers need besides. */
export async function openView(
  store: Store,
  id: string,
): Promise<{ row: Row; hosts: OpenedHost[]; cursor: number } | undefined> {
  const { values, names, hosts, seq } = await readParts(store, id)
  const row = openRow(store, id, values)
  if (!row) return undefined
  const open = (sealed: Buffer, index: number) =>
    openHost(store.seals, sealed.toString(), { deployment: row.deployment, name: names[index]! })
  return { row, hosts: hosts.map(open), cursor: Number(seq) }
}

/**
 * Reads the same as JSON in UTF-8, with what is wrong with the record. Hosts are in it as the record has them, and are checked by
 * whoever reads the view: nothing is parsed to be serialised again.
 */
export async function readViewJson(
  store: Store,
  { id, incomplete }: { id: string; incomplete: Failure | undefined },
): Promise<Buffer | undefined> {
  return writeViewJson(store, { id, parts: await readParts(store, id), incomplete })
}

/** Writes the same from the parts of a record; `archivedAt` says since when they are in the archive. */
export function writeViewJson(
  store: Sealed,
  {
    id,
    parts: { values, hosts, seq },
    incomplete,
    archivedAt,
  }: { id: string; parts: Parts; incomplete: Failure | undefined; archivedAt?: string },
): Buffer | undefined {
  const deployment = readRow(store, id, values)
  if (!deployment) return undefined
  const start = Buffer.from(`{"deployment":${JSON.stringify(deployment)},"hosts":[`)
  const comma = Buffer.from(',')
  const problem = incomplete ? `,"incomplete":${JSON.stringify(incomplete)}` : ''
  const archived = archivedAt === undefined ? '' : `,"archivedAt":${JSON.stringify(archivedAt)}`
  const end = Buffer.from(`],"cursor":${seq}${problem}${archived}}`)
  const texts = hosts.map(textOfBuffer)
  return Buffer.concat([start, ...texts.flatMap((host, index) => (index === 0 ? [host] : [comma, host])), end])
}

/** What a view is made of, as the record has it. */
export interface Parts {
  values: (string | null)[]
  names: readonly string[]
  hosts: Buffer[]
  seq: string | null
}

/**
 * Reads what a view is made of by one command, so that all of it is of one moment. Hosts can be asked for by their names
 * alone, which the record has from the plan on: it is asked again with those that it shows. A script would need one trip, but
 * Lua copies each host several times: with thousands of them it takes Redis ten times as long.
 */
export async function readParts({ redis, keys }: Store, id: string): Promise<Parts> {
  for (let known: string | null = null; ;) {
    const names = readJson(HostNames, known ?? '[]', `the hosts of ${id}`)
    const asked = [fields.hostNames, fields.seq, ...rowFields]
    const read: (Buffer | null)[] = await redis.hmgetBuffer(keys.record(id), ...asked, ...names.map(fields.host))
    const [hostNames = null, seq = null, ...values] = read
      .slice(0, asked.length)
      .map((value) => value && value.toString())
    if (hostNames === known)
      return { values, names, seq, hosts: read.slice(asked.length).map((host) => host ?? Buffer.from('null')) }
    known = hostNames
  }
}

function textOfBuffer(sealed: Buffer): Buffer {
  const end = sealed.indexOf('\n')
  return end === -1 ? sealed : sealed.subarray(0, end)
}
