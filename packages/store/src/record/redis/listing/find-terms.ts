import type { DeploymentFilter } from '@vesemir/contract'
import { wordsOf } from '@vesemir/core'
import type { ListedField } from '../keys.ts'
import { highestBelow } from '../read-shards.ts'
import type { Store } from '../store.ts'
import { keysOf, type BitSet } from './bit-set.ts'
import { readStrings, type Strings } from './read-chunk.ts'
import { readTerms, type Term } from './terms.ts'

/** The sets of a filter's version, words and host, and the terms that they are made of, by key. */
export interface TermSets {
  sets: BitSet[]
  terms: ReadonlyMap<string, Term>
}

/** The fields whose values a text may name. */
const textFields = ['application', 'environment', 'team', 'by'] as const satisfies ListedField[]

/** Makes the sets of a filter's version, words and host. Of what is not noted yet, any may be so. */
export async function setsOfTerms(
  store: Store,
  { version, text, host }: Pick<DeploymentFilter, 'version' | 'text' | 'host'>,
): Promise<TermSets> {
  const { listing } = store.keys
  const terms = new Map<string, Term>()
  const having = (...term: Term): BitSet => {
    const key = listing.term(...term)
    terms.set(key, term)
    return { key }
  }
  const without = (noted: 'terms' | 'hosts'): BitSet => ({ in: { allOf: [] }, notIn: { key: listing.noted(noted) } })
  const words = text === undefined ? [] : wordsOf(text)
  const places = words.length === 0 ? [] : await readPlaces(store)
  const sets = [
    ...(version === undefined ? [] : [{ anyOf: [having('version', version), without('terms')] }]),
    ...(host === undefined ? [] : [{ anyOf: [having('host', host), without('hosts')] }]),
    ...words.map((word): BitSet => {
      const named = places.filter((place) => place.words.includes(word)).map(({ key }) => ({ key }))
      return { anyOf: [having('word', word), ...named, without('terms')] }
    }),
  ]
  return { sets, terms }
}

/** Reads the values of the fields that a text may name, with their words and their bits. */
async function readPlaces({ redis, keys: { listing } }: Store): Promise<{ key: string; words: string[] }[]> {
  const read = async (field: ListedField) =>
    (await redis.smembers(listing.names(field))).map((name) => ({
      key: listing.bits(field, name),
      words: wordsOf(name),
    }))
  return (await Promise.all(textFields.map(read))).flat()
}

/** Reads all that a set is made of: strings of bits, and the numbers of terms. */
export async function readBits(store: Store, set: BitSet, terms: TermSets['terms']): Promise<Strings> {
  const strings = await readStrings(
    store,
    keysOf(set).filter((key) => !terms.has(key)),
  )
  if (terms.size === 0) return strings
  const highest = (await highestBelow(store, Infinity)) ?? 0
  return new Map([...strings, ...(await readTerms(store, { terms, highest }))])
}
