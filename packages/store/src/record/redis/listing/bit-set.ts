/** A set of numbers: the bits of a string in Redis, in the order of SETBIT, or what is made of others. */
export type BitSet =
  | { key: string }
  | { allOf: readonly BitSet[] }
  | { anyOf: readonly BitSet[] }
  | { in: BitSet; notIn: BitSet }

/** A part of each string that a set is made of, by key, all from the same number on. */
export type Chunks = ReadonlyMap<string, Uint8Array>

/** The bytes of a chunk, and how many numbers it covers. */
export const chunkBytes = 16_384
export const numbersPerChunk = chunkBytes * 8

/** Returns the keys of the strings that a set is made of, each once. */
export function keysOf(set: BitSet): string[] {
  return [...new Set(collectKeys(set))]
}

function collectKeys(set: BitSet): string[] {
  if ('key' in set) return [set.key]
  if ('allOf' in set) return set.allOf.flatMap(collectKeys)
  if ('anyOf' in set) return set.anyOf.flatMap(collectKeys)
  return [...collectKeys(set.in), ...collectKeys(set.notIn)]
}

/** Returns the bits of a set's chunk. `allOf` nothing is everything, `anyOf` nothing is nothing. */
export function evaluate(set: BitSet, chunks: Chunks): Uint8Array {
  if ('key' in set) return padded(chunks.get(set.key))
  if ('allOf' in set) return combine(set.allOf, { chunks, start: 0xff, join: (a, b) => a & b })
  if ('anyOf' in set) return combine(set.anyOf, { chunks, start: 0, join: (a, b) => a | b })
  const excluded = evaluate(set.notIn, chunks)
  return evaluate(set.in, chunks).map((byte, index) => byte & ~excluded[index]!)
}

interface Combination {
  chunks: Chunks
  /** The byte to begin with. */
  start: number
  join: (a: number, b: number) => number
}

function combine(sets: readonly BitSet[], { chunks, start, join }: Combination): Uint8Array {
  const result = new Uint8Array(chunkBytes).fill(start)
  for (const set of sets) {
    const bits = evaluate(set, chunks)
    for (let index = 0; index < chunkBytes; index += 1) result[index] = join(result[index]!, bits[index]!)
  }
  return result
}

/** A copy that is as long as a chunk. */
function padded(bytes: Uint8Array | undefined): Uint8Array {
  const chunk = new Uint8Array(chunkBytes)
  if (bytes) chunk.set(bytes.subarray(0, chunkBytes))
  return chunk
}

/** Returns how many bits of a range of bytes are set. */
export function countBits(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let count = 0
  for (let index = from; index < to; index += 1) for (let byte = bytes[index]!; byte > 0; byte &= byte - 1) count += 1
  return count
}

/** Returns the numbers in a chunk that starts at `first`, the highest first. */
export function numbersIn(bits: Uint8Array, first: number): number[] {
  const numbers: number[] = []
  for (let index = bits.length - 1; index >= 0; index -= 1) {
    const byte = bits[index]!
    if (byte === 0) continue
    for (let bit = 7; bit >= 0; bit -= 1) if (hasBit(byte, bit)) numbers.push(first + index * 8 + bit)
  }
  return numbers
}

/** Sets or clears a number's bit in a chunk that starts at `first`. */
export function setBit(bits: Uint8Array, { first, number, isIn }: { first: number; number: number; isIn: boolean }) {
  const [index, mask] = [(number - first) >> 3, 0x80 >> ((number - first) & 7)]
  bits[index] = isIn ? bits[index]! | mask : bits[index]! & ~mask
}

/** Bits of a byte count from the highest, as in Redis. */
function hasBit(byte: number, bit: number): boolean {
  return (byte & (0x80 >> bit)) !== 0
}
