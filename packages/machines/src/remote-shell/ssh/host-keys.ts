import type { HostTarget } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { createHash } from 'node:crypto'
import type { ServerHostKeyAlgorithm } from 'ssh2'

/** A host's public key as SSH sends it, with the name of its type. */
export interface HostKey {
  type: string
  blob: Buffer
}

/** What may prove that a host is itself. */
export interface KnownHostKeys {
  keys: HostKey[]
  /** Keys whose certificates are believed. */
  authorities: Buffer[]
  /** Keys that no certificate makes good. */
  revoked: Buffer[]
}

// In the order of preference. Signatures with SHA-1 (ssh-rsa) are not accepted; the RSA keys themselves are.
const signatures: Record<string, ServerHostKeyAlgorithm[]> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

/**
 * Reads what a host may show.
 * @throws {VesemirError} `HOST_KEY_MISSING` when there is nothing by which it could be checked.
 */
export function knownHostKeys(target: HostTarget): KnownHostKeys {
  const marked = (marker: string) =>
    target.hostKeys
      .filter((line) => line.startsWith(marker))
      .flatMap((line) => parseHostKey(line.slice(marker.length)) ?? [])
  const keys = target.hostKeys.flatMap((line) => parseHostKey(line) ?? [])
  const authorities = marked('@cert-authority ').map(({ blob }) => blob)
  if (keys.length > 0 || authorities.length > 0)
    return { keys, authorities, revoked: marked('@revoked ').map(({ blob }) => blob) }
  const problem =
    target.hostKeys.length === 0 ? 'no host key is known for it' : 'none of its known host keys is of a usable type'
  throw new VesemirError('HOST_KEY_MISSING', `${target.name} was not contacted: ${problem}`, {
    details: { host: target.name },
  })
}

/**
 * Orders the algorithms by which a server proves its key: certificates where an authority is known, then those of the known
 * keys, as OpenSSH does. The others stay allowed, so that a host whose keys were all replaced still shows one, to be refused by
 * its fingerprint.
 */
export function hostKeyAlgorithms({ keys, authorities }: KnownHostKeys): ServerHostKeyAlgorithm[] {
  const types = Object.keys(signatures)
  const isKnown = (type: string) => keys.some((key) => key.type === type)
  const ordered = [...types.filter(isKnown), ...types.filter((type) => !isKnown(type))]
  const plain = ordered.flatMap((type) => signatures[type] ?? [])
  if (authorities.length === 0) return plain
  return [...plain.map((name) => `${name}-cert-v01@openssh.com` as ServerHostKeyAlgorithm), ...plain]
}

/** Tells a key's fingerprint as OpenSSH prints it: `SHA256:…`. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

function parseHostKey(line: string): HostKey | undefined {
  const [type, base64] = line.trim().split(/\s+/)
  if (!type || !base64 || !Object.hasOwn(signatures, type)) return undefined
  return { type, blob: Buffer.from(base64, 'base64') }
}
