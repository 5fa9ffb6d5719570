import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto'

/** RFC 8410, 7: what comes before the 32 bytes of an Ed25519 private key in PKCS #8. */
const pkcs8Start = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Derives the Ed25519 key with which workers sign their records from the secret that they share. */
export function recordSigningKey(secret: string): KeyObject {
  const seed = Buffer.from(hkdfSync('sha256', secret.trim(), '', 'vesemir record signatures', 32))
  return createPrivateKey({ key: Buffer.concat([pkcs8Start, seed]), format: 'der', type: 'pkcs8' })
}

/** Returns the public key of `recordSigningKey` in PEM. */
export function recordPublicKey(secret: string): string {
  return createPublicKey(recordSigningKey(secret)).export({ format: 'pem', type: 'spki' }).toString()
}
