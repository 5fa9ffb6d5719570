import { BlockList, isIP, isIPv6 } from 'node:net'

/** Ranges of which no address is a machine elsewhere in the network (RFC 6890), with what they are called. */
const ranges: [name: string, blocks: [network: string, prefix: number][]][] = [
  [
    'link-local: only machines on the same cable reach it',
    [
      ['169.254.0.0', 16],
      ['fe80::', 10],
    ],
  ],
  [
    'the unspecified address: it means the machine that connects',
    [
      ['0.0.0.0', 8],
      ['::', 128],
    ],
  ],
  [
    // AWS by IPv6, Alibaba, Oracle, Azure; the others' are link-local.
    'the metadata service of a cloud',
    [
      ['fd00:ec2::254', 128],
      ['100.100.100.200', 32],
      ['192.0.0.192', 32],
      ['168.63.129.16', 32],
    ],
  ],
  [
    'multicast or broadcast',
    [
      ['224.0.0.0', 4],
      ['255.255.255.255', 32],
      ['ff00::', 8],
    ],
  ],
]

const refused = ranges.map(([name, blocks]) => {
  const list = new BlockList()
  for (const [network, prefix] of blocks) list.addSubnet(network, prefix, isIPv6(network) ? 'ipv6' : 'ipv4')
  return { name, list }
})

/**
 * Writes an address or a host's name in its one normal form, so that two forms of one address are equal: lower case, without a
 * final dot, IPv6 as RFC 5952 has it, an IPv4-mapped address and short or octal IPv4 as plain IPv4.
 */
export function normalAddress(address: string): string {
  const [bare = '', zone] = address.split('%')
  const { hostname = bare.toLowerCase() } = URL.parse(`http://${isIPv6(bare) ? `[${bare}]` : bare}`) ?? {}
  const plain = unmapped(hostname.replaceAll(/^\[|\]$|\.$/g, ''))
  return zone === undefined ? plain : `${plain}%${zone}`
}

/** Says why no other machine can be reached at an address, or nothing where one may be. */
export function whyUnreachable(address: string): string | undefined {
  const [bare = ''] = normalAddress(address).split('%')
  const family = isIP(bare)
  if (family === 0) return undefined
  return refused.find(({ list }) => list.check(bare, family === 6 ? 'ipv6' : 'ipv4'))?.name
}

function unmapped(address: string): string {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? []
  if (high === undefined || low === undefined) return address
  const number = Number.parseInt(high, 16) * 0x1_00_00 + Number.parseInt(low, 16)
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.')
}
