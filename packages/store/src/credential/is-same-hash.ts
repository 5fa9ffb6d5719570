import { timingSafeEqual } from 'node:crypto'

/** Returns whether two hashes in hex are the same, in constant time. */
export function isSameHash(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one, 'hex'), Buffer.from(other, 'hex'))
}
