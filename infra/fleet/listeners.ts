import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'

const listenState = '0A'

/** Gives a network such as `127.42` on which nothing listens at the moment: the preferred one when it is free. */
export function pickNetwork(preferred?: string): string {
  const taken = new Set(readListeners().map(({ address }) => address.split('.').slice(0, 2).join('.')))
  if (preferred !== undefined && !taken.has(preferred)) return preferred
  const free = Array.from({ length: 253 }, (_, index) => `127.${index + 2}`).filter((network) => !taken.has(network))
  const picked = free[randomInt(Math.max(1, free.length))]
  if (picked === undefined) throw new Error('every network from 127.2 to 127.254 has a listener')
  return picked
}

/** Refuses to go on when something listens already where the fleet will. */
export function requireFree(endpoints: readonly { address: string; port: number }[]): void {
  const listeners = readListeners()
  for (const { address, port } of endpoints) {
    const taken = listeners.find((l) => l.port === port && (l.address === address || l.address === '0.0.0.0'))
    if (!taken) continue
    throw new Error(
      `something listens already on ${taken.address}:${port}, which the fleet needs on ${address}: ` +
        'choose another network or port, or take the other fleet down',
    )
  }
}

function readListeners(): { address: string; port: number }[] {
  const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1)
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter((fields) => fields[3] === listenState)
    .map((fields) => parseEndpoint(fields[1] ?? ''))
}

/** The kernel writes an address as one hexadecimal number in its own byte order, here little-endian. */
function parseEndpoint(text: string): { address: string; port: number } {
  const [address = '', port = ''] = text.split(':')
  return { address: [...Buffer.from(address, 'hex')].toReversed().join('.'), port: Number.parseInt(port, 16) }
}
