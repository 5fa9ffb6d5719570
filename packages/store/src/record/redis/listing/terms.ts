import { ownWords } from '@vesemir/core'
import { numberOf } from '../deployment-number.ts'
import type { TermKind } from '../keys.ts'
import type { Store } from '../store.ts'
import { setBits } from './set-bits.ts'

type Writer = Pick<Store, 'redis' | 'scripts' | 'keys'>

/** A kind of term and its value, such as a host and its name. */
export type Term = readonly [kind: TermKind, value: string]

/** What a deployment is found by of which there are many values, each of few deployments. */
export interface Terms {
  version: string
  reason?: string | undefined
}

/** Redis keeps so many numbers in a set as four bytes each, and more as sixty. */
const mostInSet = 512

/** Notes the version and the words that deployments can be found by; nothing where a record does not say. */
export async function noteTerms(
  writer: Writer,
  deployments: readonly { id: string; terms: Terms | undefined }[],
): Promise<void> {
  await noteEach(
    writer,
    deployments.flatMap(({ id, terms }) => termsOf(terms).map((term) => ({ id, term }))),
  )
}

/** Notes the hosts that deployments can be found by. */
export async function addHosts(
  writer: Writer,
  deployments: readonly { id: string; hosts: readonly string[] }[],
): Promise<void> {
  await noteEach(
    writer,
    deployments.flatMap(({ id, hosts }) => hosts.map((host) => ({ id, term: ['host', host] as const }))),
  )
  // Last: without this bit, a deployment is one that any host may let pass.
  const numbers = deployments.map(({ id }) => numberOf(id))
  await setBits(writer, writer.keys.listing.noted('hosts'), numbers)
}

async function noteEach(writer: Writer, found: readonly { id: string; term: Term }[]): Promise<void> {
  const { redis, keys } = writer
  const byTerm = Map.groupBy(found, ({ term }) => term.join(':'))
  await Promise.all(
    [...byTerm.values()].map(async (group) => {
      const { term } = group[0]!
      const key = keys.listing.term(...term)
      const [, size] = await Promise.all([redis.sadd(key, ...group.map(({ id }) => numberOf(id))), redis.scard(key)])
      if (size > mostInSet) await moveToBits(writer, term)
    }),
  )
}

/** Moves the numbers of a term to its bits: each is in its set until it has its bit, so whoever reads the set first misses none. */
async function moveToBits(writer: Writer, term: Term): Promise<void> {
  const { redis, keys } = writer
  const [key, frequent] = [keys.listing.term(...term), keys.listing.frequent(...term)]
  const members = await redis.smembers(key)
  const numbers = members.map(Number).filter((number) => Number.isInteger(number) && number >= 0 && number < 2 ** 32)
  await setBits(writer, frequent, numbers)
  if (members.length > 0) await redis.srem(key, ...members)
}

/** Forgets what a deployment that was removed could be found by. */
export async function removeTerms(
  { redis, keys }: Writer,
  { id, terms, hosts }: { id: string; terms: Terms; hosts: readonly string[] },
): Promise<void> {
  const all: Term[] = [...termsOf(terms), ...hosts.map((host): Term => ['host', host])]
  const remove = async (term: Term) => {
    const frequent = keys.listing.frequent(...term)
    await redis.srem(keys.listing.term(...term), numberOf(id))
    if ((await redis.getbit(frequent, numberOf(id))) === 1) await redis.setbit(frequent, numberOf(id), 0)
  }
  await Promise.all(all.map(remove))
}

function termsOf(terms: Terms | undefined): Term[] {
  if (!terms) return []
  return [['version', terms.version], ...ownWords(terms).map((word): Term => ['word', word])]
}

/** Reads the numbers of terms as bits, by the key of their sets. Redis is input: what is no number up to the highest is left out. */
export async function readTerms(
  { redis, keys }: Writer,
  { terms, highest }: { terms: ReadonlyMap<string, Term>; highest: number },
): Promise<Map<string, Uint8Array>> {
  const read = async ([key, term]: [string, Term]): Promise<[string, Uint8Array]> => {
    const members = await redis.smembers(key)
    const bits = new Uint8Array((highest >> 3) + 1)
    bits.set((await redis.getBuffer(keys.listing.frequent(...term)))?.subarray(0, bits.length) ?? [])
    for (const member of members) {
      const number = Number(member)
      if (Number.isInteger(number) && number >= 0 && number <= highest) bits[number >> 3]! |= 0x80 >> (number & 7)
    }
    return [key, bits]
  }
  return new Map(await Promise.all([...terms].map(read)))
}
