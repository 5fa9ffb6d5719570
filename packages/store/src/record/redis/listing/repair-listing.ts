import { z } from 'zod'
import { textOf } from '../../../seal/seal.ts'
import { isUnreliable, readJson } from '../../../redis/read-json.ts'
import { idOf, numberOf } from '../deployment-number.ts'
import { endedStatuses, fields } from '../keys.ts'
import { readActive } from '../read-shards.ts'
import { HostNames } from '../schemas.ts'
import { sealContexts } from '../seal-contexts.ts'
import type { Store } from '../store.ts'
import { evaluate, keysOf, numbersIn } from './bit-set.ts'
import { addToListing, listedNow, noteEnd, noteResumption, removeFromListing } from './listing.ts'
import { chunksAt, chunksBelow, findDifferences, readStrings, type Strings } from './read-chunk.ts'
import { addHosts } from './terms.ts'

/** So many deployments at most are looked at in one repair: the rest have their turn in the next. */
const mostRepaired = 2000

/**
 * Brings the listing up to what the records say, newest deployments first: what a version before it has written, a process did not
 * live to write, or Redis has lost. Returns how many deployments were looked at.
 */
export async function repairListing(store: Store, most = mostRepaired): Promise<number> {
  const active = new Set((await readActive(store)).map(numberOf))
  await reopen(store, active)
  const strings = await readStrings(store, [
    ...keysOf(listedNow(store)),
    ...endedStatuses.map((status) => store.keys.listing.bits('status', status)),
    ...notedKeys(store),
  ])
  let repaired = 0
  for await (const first of chunksBelow(store)) {
    const { gone, wanting } = await inspectChunk(store, { strings, first, active })
    await Promise.all(gone.map((number) => removeFromListing(store, idOf(number))))
    const numbers = wanting.slice(0, most - repaired)
    await repair(store, numbers.map(idOf))
    repaired += numbers.length
    if (repaired === most) break
  }
  return repaired
}

function notedKeys({ keys }: Store): string[] {
  return [keys.listing.noted('terms'), keys.listing.noted('hosts')]
}

/** Clears the ends of deployments that have not ended: a version before the listing has queued them again. */
async function reopen(store: Store, active: ReadonlySet<number>): Promise<void> {
  const { redis, keys } = store
  const ends = endedStatuses.map((status) => keys.listing.bits('status', status))
  const looks = [...active].map(async (number) => {
    const bits = await Promise.all(ends.map((key) => redis.getbit(key, number)))
    if (bits.includes(1)) await noteResumption(store, idOf(number))
  })
  await Promise.all(looks)
}

interface Chunk {
  strings: Strings
  first: number
  /** Numbers of deployments that have not ended. */
  active: ReadonlySet<number>
}

async function inspectChunk(store: Store, { strings, first, active }: Chunk) {
  const { listing } = store.keys
  const listed = listedNow(store)
  const ends = endedStatuses.map((status) => listing.bits('status', status))
  const noted = notedKeys(store).map((key) => ({ key }))
  const chunks = chunksAt(strings, first)
  const { unlisted, gone } = await findDifferences(store, evaluate(listed, chunks), first)
  const open = evaluate({ in: listed, notIn: { allOf: [{ anyOf: ends.map((key) => ({ key })) }, ...noted] } }, chunks)
  const past = new Set(gone)
  const unfinished = numbersIn(open, first).filter((number) => !active.has(number) && !past.has(number))
  return { gone, wanting: [...unlisted.toReversed(), ...unfinished] }
}

const Order = z.object({
  spec: z.object({
    application: z.string(),
    environment: z.string(),
    team: z.string(),
    cluster: z.string(),
    version: z.string(),
    reason: z.string().optional(),
  }),
  requestedBy: z.string(),
})
const EndedStatus = z.enum(endedStatuses)

/** Whoever reads the listing checks the record: here, a record need not be valid, and one that cannot be read has nothing to find it by. */
async function repair(store: Store, ids: readonly string[]): Promise<void> {
  const { redis, keys } = store
  const read = async (id: string) => {
    const wanted = [fields.order, fields.deployment, fields.status, fields.hostNames]
    const [order, row, status, names] = await redis.hmget(keys.record(id), ...wanted)
    const json = order || row
    const ended = EndedStatus.safeParse(status)
    return json ? [{ id, listed: readListed(id, json), ended: ended.data, hosts: readHosts(id, names) }] : []
  }
  const records = (await Promise.all(ids.map(read))).flat()
  await Promise.all(records.flatMap(({ id, ended }) => (ended ? [noteEnd(store, id, ended)] : [])))
  await addToListing(store, records)
  // Of one in progress, the plan may follow.
  await addHosts(
    store,
    records.filter(({ ended, hosts }) => ended !== undefined || hosts.length > 0),
  )
}

function readHosts(id: string, names: string | null | undefined): string[] {
  return (names && readReliable(() => readJson(HostNames, names, `the hosts of ${id}`))) || []
}

function readListed(id: string, sealed: string): z.infer<typeof Order> | undefined {
  return readReliable(() => readJson(Order, textOf(sealed), sealContexts.order(id)))
}

function readReliable<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (isUnreliable(error)) return undefined
    throw error
  }
}
