import { isIP, isIPv6 } from 'node:net'

/** Writes an address, or a name, in its one form: `2001:DB8:0::1` as `2001:db8::1`, `::ffff:10.0.0.1` as `10.0.0.1`. */
export function normalAddress(address: string): string {
  const bare = address.replace(/^\[(.*)\]$/, '$1')
  if (!isIPv6(bare)) return normalName(address)
  // The parser of URLs writes IPv6 as RFC 5952 has it; it takes no zone.
  const { hostname } = new URL(`http://[${bare.replace(/%.*/, '')}]`)
  const [, high, low] = /^\[::ffff:([\da-f]+):([\da-f]+)\]$/.exec(hostname) ?? []
  if (high === undefined || low === undefined) return hostname.slice(1, -1)
  return [...bytesOf(high), ...bytesOf(low)].join('.')
}

/** Writes a machine's name in its one form: DNS knows no case, and a dot at its end changes nothing (RFC 4343; RFC 1034, 3.1). */
export function normalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

/** Returns the first label of a name that has several, `web01` of `web01.eu.example`. */
export function shortName(name: string): string | undefined {
  const [label, ...rest] = normalName(name).split('.')
  return rest.length === 0 || isIP(name) !== 0 ? undefined : label
}

function bytesOf(hex: string): [number, number] {
  const number = Number.parseInt(hex, 16)
  return [number >> 8, number & 255]
}
