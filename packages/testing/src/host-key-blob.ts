import { createHash } from 'node:crypto'

/** Gives what looks like a public key's base64 blob: the type, then 32 bytes that follow from the seed. */
export function hostKeyBlob(type: string, seed: string): string {
  const key = createHash('sha256').update(seed).digest()
  return Buffer.concat([lengthOf(type), Buffer.from(type), lengthOf(key), key]).toString('base64')
}

function lengthOf(bytes: { length: number }): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return length
}
