import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hash,
  sign,
  timingSafeEqual,
  verify,
  type KeyObject,
} from 'node:crypto'
import { VesemirError } from '@vesemir/core'
import { recordSigningKey } from '@vesemir/process/keys'
import type { Checker, Prover } from './seal.ts'

/**
 * Reads the key with which an API process signs: PEM, PKCS #8, as `openssl genpkey -algorithm ed25519` prints it.
 * @throws {VesemirError} `CONFIG_INVALID`
 */
export function readSigningKey(pem: string): KeyPair {
  return pairOf(read('private', pem, createPrivateKey))
}

/** What proves, and what checks its proofs. */
export interface KeyPair {
  prover: Prover
  checker: Checker
}

/** Reads public keys: one or several in PEM, as `openssl pkey -pubout` prints them. Throws as `readSigningKey`. */
export function readPublicKeys(text: string): Checker[] {
  const pems = text.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? ['']
  return pems.map((pem) => checkerOf(read('public', pem, createPublicKey)))
}

const shortestSecret = 32

/**
 * Reads a secret that workers share, of at least 32 characters, and the key that they derive from it to sign what others show.
 * Throws as `readSigningKey`.
 */
export function readRecordKey(text: string): { shared: KeyPair; signing: KeyPair } {
  const secret = text.trim()
  if (secret.length < shortestSecret)
    throw new VesemirError('CONFIG_INVALID', `the key of the record is shorter than ${shortestSecret} characters`)
  const id = shorten(hash('sha256', `vesemir record key\n${secret}`, 'base64url'))
  const key = createSecretKey(Buffer.from(secret))
  const prove = (message: string) => createHmac('sha256', key).update(message).digest('base64url')
  const holds = (message: string, proof: string) => {
    const [right, given] = [Buffer.from(prove(message)), Buffer.from(proof)]
    return right.length === given.length && timingSafeEqual(right, given)
  }
  return { shared: { prover: { id, prove }, checker: { id, holds } }, signing: pairOf(recordSigningKey(secret)) }
}

function pairOf(key: KeyObject): KeyPair {
  const checker = checkerOf(createPublicKey(key))
  const prove = (message: string) => sign(null, Buffer.from(message), key).toString('base64url')
  return { prover: { id: checker.id, prove }, checker }
}

function checkerOf(key: KeyObject): Checker {
  return {
    id: idOf(key),
    holds: (message, proof) => verify(null, Buffer.from(message), key, Buffer.from(proof, 'base64url')),
  }
}

function idOf(publicKey: KeyObject): string {
  return shorten(hash('sha256', publicKey.export({ format: 'der', type: 'spki' }), 'base64url'))
}

function shorten(sum: string): string {
  return sum.slice(0, 8)
}

function read(kind: 'private' | 'public', pem: string, parse: (pem: string) => KeyObject): KeyObject {
  const key = tryTo(() => parse(pem))
  if (key?.asymmetricKeyType === 'ed25519') return key
  throw new VesemirError('CONFIG_INVALID', `the ${kind} key for orders is not an Ed25519 key in PEM`)
}

function tryTo<Result>(parse: () => Result): Result | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}
