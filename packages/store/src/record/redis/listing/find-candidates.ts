import type { DeploymentFilter, Grant } from '@vesemir/contract'
import { matchesPattern } from '@vesemir/core'
import { numberOf } from '../deployment-number.ts'
import { endedStatuses, type ListedField } from '../keys.ts'
import type { Store } from '../store.ts'
import { evaluate, numbersIn, numbersPerChunk, setBit, type BitSet } from './bit-set.ts'
import { listedNow } from './listing.ts'
import { numberAt } from './number-at.ts'
import { chunksAt, chunksBelow, findDifferences } from './read-chunk.ts'
import { readBits, setsOfTerms } from './find-terms.ts'

export type Filter = Omit<DeploymentFilter, 'limit'>

/**
 * Yields the numbers of the deployments that a filter may let pass and that grants may cover, newest first, in arrays. None is missing,
 * whatever the listing lacks; those that do not belong are the exception, and for the reader to leave out.
 */
export async function* findCandidates(
  store: Store,
  filter: Filter,
  grants?: readonly Grant[],
): AsyncGenerator<number[]> {
  const listed = listedNow(store)
  const terms = await setsOfTerms(store, filter)
  const set: BitSet = {
    allOf: [
      listed,
      ...fieldsOf(store, filter),
      ...(filter.status === undefined ? [] : [withStatus(store, filter.status)]),
      ...(grants ? [await coveredBy(store, grants)] : []),
      ...terms.sets,
    ],
  }
  const { from, below } = await rangeOf(store, filter)
  const strings = await readBits(store, set, terms.terms)
  for await (const first of chunksBelow(store, below)) {
    if (first + numbersPerChunk <= from) return
    const chunks = chunksAt(strings, first)
    const candidates = evaluate(set, chunks)
    const { unlisted, gone } = await findDifferences(store, evaluate(listed, chunks), first)
    for (const number of unlisted) setBit(candidates, { first, number, isIn: true })
    for (const number of gone) setBit(candidates, { first, number, isIn: false })
    yield numbersIn(candidates, first).filter((number) => from <= number && number < below)
  }
}

/**
 * Records and numbers of one moment may be in another order by so much: in a Redis Cluster the time is taken before the number is reserved,
 * and a fail-over lies between the two. What is too much is left out by its record.
 */
const slackMs = 60_000

/** The numbers that a filter's times and page leave. */
async function rangeOf(store: Store, { before, since, until }: Filter): Promise<{ from: number; below: number }> {
  const [from, after] = await Promise.all([
    since === undefined ? 0 : numberAt(store, Date.parse(since) - slackMs),
    until === undefined ? Infinity : numberAt(store, Date.parse(until) + slackMs),
  ])
  return { from, below: Math.min(after, before === undefined ? Infinity : numberOf(before)) }
}

function fieldsOf({ keys }: Store, filter: Filter): BitSet[] {
  return (['application', 'environment', 'team', 'by'] as const).flatMap((field) => {
    const value = filter[field]
    return value === undefined ? [] : [{ key: keys.listing.bits(field, value) }]
  })
}

/** Those of which no end is noted are in progress, or their end is not noted yet: they may have any state. */
function withStatus({ keys }: Store, status: NonNullable<Filter['status']>): BitSet {
  const ends = endedStatuses.map((each) => ({ key: keys.listing.bits('status', each) }))
  const open: BitSet = { in: { allOf: [] }, notIn: { anyOf: ends } }
  return { anyOf: [open, ...endedStatuses.flatMap((each, index) => (each === status ? [ends[index]!] : []))] }
}

const parts = { applications: 'application', teams: 'team', environments: 'environment', clusters: 'cluster' } as const

async function coveredBy(store: Store, grants: readonly Grant[]): Promise<BitSet> {
  const places = grants.map(async (grant): Promise<BitSet> => {
    const given = Object.entries(parts).flatMap(([part, field]) => {
      const patterns = grant[part as keyof typeof parts]
      return patterns ? [anyName(store, field, patterns)] : []
    })
    return { allOf: await Promise.all(given) }
  })
  return { anyOf: await Promise.all(places) }
}

async function anyName(store: Store, field: ListedField, patterns: readonly string[]): Promise<BitSet> {
  const { redis, keys } = store
  const exact = patterns.filter((pattern) => !pattern.includes('*'))
  const wide = patterns.filter((pattern) => pattern.includes('*'))
  const known = wide.length === 0 ? [] : await redis.smembers(keys.listing.names(field))
  const matching = known.filter((name) => wide.some((pattern) => matchesPattern(pattern, name)))
  return { anyOf: [...new Set([...exact, ...matching])].map((name) => ({ key: keys.listing.bits(field, name) })) }
}
