import { verify } from 'node:crypto'
import type { HostTarget } from '@vesemir/contract'
import ssh2 from 'ssh2'
import { createReader, type Certificate } from './certificate.ts'

interface Expectations {
  target: Pick<HostTarget, 'name' | 'address'>
  authorities: readonly Buffer[]
  revoked: readonly Buffer[]
  nowMs: number
}

/**
 * Checks a host's certificate as OpenSSH does: that it is a host's, of a known authority, for this host by name or address, in
 * its time, and truly signed. Gives in words what is wrong with it, or nothing.
 */
export function findCertificateProblem(certificate: Certificate, expected: Expectations): string | undefined {
  const { target, authorities, revoked, nowMs } = expected
  const { kind, authority, publicKey, principals, criticalOptions, validAfterMs, validBeforeMs } = certificate
  const isOneOf = (keys: readonly Buffer[], key: Buffer) => keys.some((one) => one.equals(key))
  if (!isOneOf(authorities, authority)) return 'is signed by an unknown authority'
  if (isOneOf(revoked, authority)) return 'is signed by a revoked authority'
  if (isOneOf(revoked, publicKey)) return 'is of a revoked key'
  if (kind !== 'host') return 'is not a host certificate'
  if (criticalOptions.length > 0) return `asks for ${criticalOptions.join(', ')}, which Vesemir does not support`
  // No principal at all would stand for every host: OpenSSH takes that for none.
  const names = [target.name, target.address].map((name) => name.toLowerCase())
  if (!principals.some((name) => names.includes(name.toLowerCase()))) {
    return `is for ${principals.join(', ') || 'nobody'}`
  }
  if (nowMs < validAfterMs) return `is not valid before ${new Date(validAfterMs).toISOString()}`
  if (nowMs >= validBeforeMs) return `expired ${new Date(validBeforeMs).toISOString()}`
  return isTrulySigned(certificate) ? undefined : 'has an invalid signature'
}

interface Algorithm {
  keyType: string
  hash: string | null
  /** Of each of the two numbers of an ECDSA signature. */
  numberBytes?: number
}

/** RSA with SHA-1 (ssh-rsa) is left out: OpenSSH refuses it since 8.2. */
const algorithms: Record<string, Algorithm> = {
  'ssh-ed25519': { keyType: 'ssh-ed25519', hash: null },
  'rsa-sha2-256': { keyType: 'ssh-rsa', hash: 'sha256' },
  'rsa-sha2-512': { keyType: 'ssh-rsa', hash: 'sha512' },
  'ecdsa-sha2-nistp256': { keyType: 'ecdsa-sha2-nistp256', hash: 'sha256', numberBytes: 32 },
  'ecdsa-sha2-nistp384': { keyType: 'ecdsa-sha2-nistp384', hash: 'sha384', numberBytes: 48 },
  'ecdsa-sha2-nistp521': { keyType: 'ecdsa-sha2-nistp521', hash: 'sha512', numberBytes: 66 },
}

function isTrulySigned({ authority, signed, signature }: Certificate): boolean {
  const algorithm = algorithms[signature.type]
  const key = ssh2.utils.parseKey(authority)
  if (!algorithm || key instanceof Error || key.type !== algorithm.keyType) return false
  const { hash, numberBytes } = algorithm
  const bytes = numberBytes === undefined ? signature.bytes : joinNumbers(signature.bytes, numberBytes)
  return verify(hash, signed, { key: key.getPublicPEM(), dsaEncoding: 'ieee-p1363' }, bytes)
}

/** An ECDSA signature is two numbers, each with its length (RFC 5656, 3.1.2); Node takes them side by side. */
function joinNumbers(signature: Buffer, numberBytes: number): Buffer {
  const reader = createReader(signature)
  const padded = [reader.bytes(), reader.bytes()].map((number) => {
    const plain = number.subarray(Math.max(0, number.length - numberBytes))
    return Buffer.concat([Buffer.alloc(numberBytes - plain.length), plain])
  })
  return Buffer.concat(padded)
}
