import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { VesemirError } from '@vesemir/core'
import { z } from 'zod'

const Target = z.string().refine((target) => isName(target) || isNetwork(target), {
  error: ({ input }) =>
    `${JSON.stringify(input)} is not an address, a network such as "10.0.0.0/8", or a name such as "*.example.com"`,
})

/** Where connections may go that a deployer asks for. */
export const Allowed = z
  .array(Target)
  .max(1000)
  .optional()
  .meta({
    description:
      'Names, addresses and networks that artifacts may come from and tasks may call, and no others. Without it: all but this machine, its link and the metadata of clouds, which are reached by address alone.',
    examples: [['artifacts.example', '10.2.0.0/16']],
  })

/** Decides where a connection may go. */
export interface Outgoing {
  /** Refuses a URL by what it says itself. @throws {VesemirError} `ADDRESS_REFUSED` */
  check(url: URL): void
  /** Resolves a name as `dns.lookup` does, to addresses that are allowed: what was checked is what is connected to. */
  lookup: typeof lookup
}

// Loopback, link-local with the metadata of AWS, Google and Azure, multicast, and the metadata of others (Alibaba, Oracle,
// Azure, AWS by IPv6). IPv4-mapped IPv6 addresses are found among IPv4's. NAT64 and 6to4 can stand for any of these.
const guarded = networks([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '100.100.100.200/32',
  '192.0.0.192/32',
  '168.63.129.16/32',
  '::/127',
  'fe80::/10',
  'ff00::/8',
  'fd00:ec2::254/128',
  '64:ff9b::/96',
  '2002::/16',
])

/** Makes the check of a worker's setting; `allowed` names what is reached, by name or address. */
export function createOutgoing(allowed?: readonly string[]): Outgoing {
  const allowedNetworks = networks(allowed?.filter(isNetwork) ?? [])
  const names = allowed?.filter((target) => !isNetwork(target)) ?? []
  const mayReach = (name: string, address: string) => {
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (allowedNetworks.check(address, family)) return true
    return !guarded.check(address, family) && (allowed === undefined || names.some((pattern) => matches(name, pattern)))
  }
  return {
    check({ hostname }) {
      const address = hostname.replace(/^\[|\]$/g, '')
      if (isIP(address) !== 0 && !mayReach(address, address)) throw refused(address)
    },
    lookup: ((name: string, options: LookupOptions, callback: LookupCallback) => {
      lookup(name, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error)
        const reached = addresses.filter(({ address }) => mayReach(name, address))
        const [first] = reached
        if (!first) return callback(refused(name, addresses))
        if (options.all) callback(null, reached)
        else callback(null, first.address, first.family)
      })
    }) as typeof lookup,
  }
}

type LookupCallback = (error: Error | null, found?: string | LookupAddress[], family?: number) => void

function refused(name: string, addresses: readonly LookupAddress[] = []): VesemirError {
  const resolved = addresses.length === 0 ? '' : ` (${addresses.map(({ address }) => address).join(', ')})`
  return new VesemirError('ADDRESS_REFUSED', `the worker may not connect to ${name}${resolved}`)
}

function networks(targets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const target of targets) {
    const [address = '', prefix] = target.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    list.addSubnet(address, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family)
  }
  return list
}

function isNetwork(target: string): boolean {
  const [address = '', prefix, ...others] = target.split('/')
  const version = isIP(address)
  if (version === 0 || others.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
}

function isName(target: string): boolean {
  return /^(?:\*\.)?(?=.*[a-z])[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(target)
}

/** `*.example.com` stands for all names below example.com. */
function matches(name: string, pattern: string): boolean {
  const host = name.toLowerCase().replace(/\.$/, '')
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern
}
