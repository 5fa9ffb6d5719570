import { createPublicKey, verify, type KeyObject } from 'node:crypto'

/** Whose signatures count: a key of minisign, by its id. */
export interface SigningKey {
  id: string
  key: KeyObject
}

/** A signature of minisign (https://jedisct1.github.io/minisign/#signature-format). Nothing of it is verified by reading it. */
export interface Signature {
  keyId: string
  bytes: Buffer
  trustedComment: string
  /** Of signature and trusted comment. */
  globalBytes: Buffer
}

/** RFC 8410, 10.3: what precedes the 32 bytes of an Ed25519 key. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/** Reads a public key as minisign writes it, with its comment or without; nothing for what is none. */
export function parsePublicKey(text: string): SigningKey | undefined {
  const bytes = Buffer.from(text.trim().split('\n').at(-1) ?? '', 'base64')
  if (bytes.length !== 42 || bytes.toString('latin1', 0, 2) !== 'Ed') return undefined
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, bytes.subarray(10)]), format: 'der', type: 'spki' })
  return { id: idOf(bytes), key }
}

/** Reads a signature of a file's BLAKE2b-512; nothing for what is none, such as one of minisign before 0.10 (`-l`). */
export function parseSignature(text: string): Signature | undefined {
  const [untrusted = '', signature = '', trusted = '', global = ''] = text.split(/\r?\n/)
  const [bytes, globalBytes] = [Buffer.from(signature, 'base64'), Buffer.from(global, 'base64')]
  const mark = 'trusted comment: '
  if (!untrusted.startsWith('untrusted comment: ') || !trusted.startsWith(mark)) return undefined
  if (bytes.length !== 74 || globalBytes.length !== 64 || bytes.toString('latin1', 0, 2) !== 'ED') return undefined
  return { keyId: idOf(bytes), bytes: bytes.subarray(10), trustedComment: trusted.slice(mark.length), globalBytes }
}

/** Tells whether a key made a signature of a file that has this BLAKE2b-512, its trusted comment included. */
export function isSignedBy({ key }: SigningKey, signature: Signature, blake2b512: Buffer): boolean {
  const { bytes, trustedComment, globalBytes } = signature
  const commented = Buffer.concat([bytes, Buffer.from(trustedComment)])
  return verify(null, blake2b512, key, bytes) && verify(null, commented, key, globalBytes)
}

/** Eight bytes after the two of the algorithm, shown as minisign does: the last byte first. */
function idOf(bytes: Buffer): string {
  return Buffer.from(bytes.subarray(2, 10)).reverse().toString('hex').toUpperCase()
}
