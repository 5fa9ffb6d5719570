import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { VesemirError } from '@vesemir/core'
import { opensshKey } from './openssh-key.ts'

/** One line of an OpenSSH known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  marker: string | undefined
  hosts: string
  key: string
}

/**
 * Reads a known_hosts file; without a path there are no lines.
 * @throws {VesemirError} `CONFIG_INVALID`
 */
export async function readKnownHosts(path: string | undefined): Promise<KnownHost[]> {
  if (path === undefined) return []
  try {
    return parseKnownHosts(await readFile(path, 'utf8'))
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code
    throw new VesemirError('CONFIG_INVALID', `the known_hosts file ${path} cannot be read: ${reason}`, { cause })
  }
}

/** Reads the text of a known_hosts file. As in OpenSSH, lines that are not understood are passed over. */
export function parseKnownHosts(text: string): KnownHost[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/)
    const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined
    const [hosts, type, blob] = fields
    if (!hosts || hosts.startsWith('#') || !type) return []
    return opensshKey(blob, /^[\w@.-]+$/).flatMap((key) => (key.startsWith(`${type} `) ? [{ marker, hosts, key }] : []))
  })
}

/** What a known_hosts file says of one machine, as `ssh-ed25519 AAAA…`. */
export interface KnownKeys {
  keys: string[]
  /** Keys whose certificates for the machine are to be believed. */
  authorities: string[]
  revoked: string[]
}

/** Gives the keys that a known_hosts file has for a machine by any of its names. */
export function findKnownKeys(
  knownHosts: readonly KnownHost[],
  { names, port }: { names: readonly string[]; port: number },
): KnownKeys {
  const lookups = names.map((name) => (port === 22 ? name : `[${name}]:${port}`).toLowerCase())
  const lines = knownHosts.filter(({ hosts }) => lookups.some((lookup) => isNamed(hosts, lookup)))
  const keysMarked = (marker: string | undefined) =>
    lines.filter((line) => line.marker === marker).map(({ key }) => key)
  return { keys: keysMarked(undefined), authorities: keysMarked('@cert-authority'), revoked: keysMarked('@revoked') }
}

/**
 * Gives what may be accepted from a machine, as `HostTarget.hostKeys`: its own keys and those of known_hosts, less what is
 * revoked. That is passed on where a certificate could still vouch for it.
 */
export function acceptedKeys(own: readonly string[], known: KnownKeys): string[] {
  const isRevoked = (key: string) => known.revoked.includes(key)
  const keys = [...new Set([...own, ...known.keys])].filter((key) => !isRevoked(key))
  const authorities = known.authorities.filter((key) => !isRevoked(key)).map((key) => `@cert-authority ${key}`)
  if (authorities.length === 0) return keys
  return [...keys, ...authorities, ...known.revoked.map((key) => `@revoked ${key}`)]
}

function isNamed(hosts: string, lookup: string): boolean {
  if (hosts.startsWith('|1|')) return isHashOf(hosts, lookup)
  const patterns = hosts.toLowerCase().split(',')
  const isMatch = (pattern: string) => wildcard(pattern).test(lookup)
  if (patterns.some((pattern) => pattern.startsWith('!') && isMatch(pattern.slice(1)))) return false
  return patterns.some(isMatch)
}

function isHashOf(hashed: string, lookup: string): boolean {
  const [, , salt = '', hash = ''] = hashed.split('|')
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(lookup).digest('base64') === hash
}

function wildcard(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[^\w*?]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`)
}
