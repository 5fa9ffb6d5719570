import { numberOf } from '../deployment-number.ts'
import { countDeployments, highestBelow, readIds } from '../read-shards.ts'
import type { Store } from '../store.ts'
import { chunkBytes, countBits, numbersPerChunk, type Chunks } from './bit-set.ts'

/** Redis keeps 512 MB in a string. */
const mostBits = 2 ** 32

type Reader = Pick<Store, 'redis' | 'keys'>

/** Yields the first number of each chunk in which there are deployments with numbers below `below`, the highest first. */
export async function* chunksBelow(store: Reader, below = Infinity): AsyncGenerator<number> {
  for (let before = Math.min(below, mostBits); ;) {
    const number = await highestBelow(store, before)
    if (number === undefined) return
    before = number - (number % numbersPerChunk)
    yield before
  }
}

/** The whole of strings, by key: a megabyte of each for eight million deployments. */
export type Strings = ReadonlyMap<string, Uint8Array>

/** Reads the bits of these keys. */
export async function readStrings({ redis }: Reader, names: readonly string[]): Promise<Strings> {
  const bits = await Promise.all(names.map((key) => redis.getBuffer(key)))
  return new Map(names.map((key, index) => [key, bits[index] ?? new Uint8Array()]))
}

/** Returns the part of each string that covers the chunk that starts at `first`. */
export function chunksAt(strings: Strings, first: number): Chunks {
  const from = first / 8
  return new Map([...strings].map(([key, bits]) => [key, bits.subarray(from, from + chunkBytes)]))
}

/** What distinguishes the listing from the deployments that there are. */
export interface Differences {
  /** Numbers of deployments that the listing does not have: created by a version before it, or a moment ago. */
  unlisted: number[]
  /** Numbers that it has, and of which there is no deployment any more. */
  gone: number[]
}

const blockBytes = 128

/** Finds where the listing is not as the deployments are: compares counts, then those blocks whose counts differ. */
export async function findDifferences(store: Reader, listed: Uint8Array, first: number): Promise<Differences> {
  const differences: Differences = { unlisted: [], gone: [] }
  if (!(await differs(store, listed, { first, from: 0, to: chunkBytes }))) return differences
  const blocks = Array.from({ length: chunkBytes / blockBytes }, (_, block) => {
    const range = { first, from: block * blockBytes, to: (block + 1) * blockBytes }
    return differs(store, listed, range).then((isOther) => (isOther ? compareBlock(store, listed, range) : undefined))
  })
  for (const block of await Promise.all(blocks)) {
    differences.unlisted.push(...(block?.unlisted ?? []))
    differences.gone.push(...(block?.gone ?? []))
  }
  return differences
}

/** Bytes of a chunk. */
interface Range {
  first: number
  from: number
  to: number
}

async function differs(store: Reader, listed: Uint8Array, { first, from, to }: Range): Promise<boolean> {
  const count = await countDeployments(store, first + from * 8, `(${first + to * 8}`)
  return count !== countBits(listed, from, to)
}

async function compareBlock(store: Reader, listed: Uint8Array, { first, from, to }: Range): Promise<Differences> {
  const [lowest, end] = [first + from * 8, first + to * 8]
  const ids = await readIds(store, lowest, `(${end}`)
  const present = new Set(ids.map(numberOf).filter((number) => number >= lowest && number < end))
  const isListed = (number: number) => ((listed[(number - first) >> 3] ?? 0) & (0x80 >> ((number - first) & 7))) !== 0
  const all = Array.from({ length: end - lowest }, (_, index) => lowest + index)
  return {
    unlisted: [...present].filter((number) => !isListed(number)),
    gone: all.filter((number) => isListed(number) && !present.has(number)),
  }
}
