import { BlockList, isIP, isIPv6 } from 'node:net'
import { NamePattern, type HostTarget } from '@vesemir/contract'
import { matchesPattern, VesemirError, type Found, type Inventory } from '@vesemir/core'
import { z } from 'zod'
import { listed } from './listed.ts'

const Network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: ({ input }) => `${JSON.stringify(input)} is not an address, nor a network such as "10.0.0.0/8"`,
})

/** Which machines may be hosts, or boxes. Of the parts that are given, all must hold. */
const Pin = z.strictObject({
  names: z
    .array(NamePattern)
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'Names, one of which it must have.', examples: [['web-*']] }),
  addresses: z
    .array(Network)
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'Addresses and networks, one of which it must be in.', examples: [['10.1.0.0/16']] }),
  groups: z
    .array(NamePattern)
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'One of the groups that it must be in.' }),
})
type Pin = z.infer<typeof Pin>

/** What a cluster's inventory is believed about. */
export const MachinePins = z.strictObject({
  hosts: Pin.optional().meta({ description: 'Machines that may be hosts.' }),
  boxes: Pin.optional().meta({ description: 'Machines that may be load balancer boxes; they are never hosts.' }),
})
export type MachinePins = z.infer<typeof MachinePins>

/**
 * Bounds what an inventory may say: a machine that is none of those pinned is refused, not passed over, and a pinned box is
 * never a host. Its errors are `MACHINE_REFUSED`, besides those of the inventory.
 */
export function pinMachines(inventory: Inventory, { hosts, boxes }: MachinePins): Inventory {
  return {
    async findHosts(spec, signal) {
      const found = await inventory.findHosts(spec, signal)
      refuse(found, { pin: hosts, part: 'host' })
      refuseBoxes(found.hosts, boxes)
      return found
    },
    async findBoxes(selection, spec, signal) {
      const found = await inventory.findBoxes(selection, spec, signal)
      refuse(found, { pin: boxes, part: 'box' })
      return found
    },
  }
}

function refuse({ hosts, groups = {} }: Found, { pin, part }: { pin: Pin | undefined; part: 'host' | 'box' }): void {
  if (!pin) return
  const refused = hosts.flatMap((host) => whyOther(host, { pin, groups: groups[host.name] ?? [] }) ?? [])
  if (refused.length === 0) return
  const message = `the inventory has machines as ${part} that the workers do not expect there: ${listed(refused)}`
  throw new VesemirError('MACHINE_REFUSED', message)
}

function whyOther(
  { name, address }: HostTarget,
  { pin, groups }: { pin: Pin; groups: readonly string[] },
): string | undefined {
  const isOneOf = (patterns: readonly string[], value: string) =>
    patterns.some((pattern) => matchesPattern(pattern, value))
  if (pin.names && !isOneOf(pin.names, name)) return `${name}, by its name`
  if (pin.addresses && !isWithin(address, pin.addresses)) return `${name}, by its address ${address}`
  if (pin.groups && !groups.some((group) => isOneOf(pin.groups!, group))) return `${name}, by its groups`
  return undefined
}

/** By name alone: hosts and boxes may share a network. */
function refuseBoxes(hosts: readonly HostTarget[], boxes: Pin | undefined): void {
  const own = hosts.filter(({ name }) => boxes?.names?.some((pattern) => matchesPattern(pattern, name)))
  if (own.length === 0) return
  const names = listed(
    own.map(({ name }) => name),
    ', ',
  )
  throw new VesemirError('MACHINE_REFUSED', `the workers know as load balancer boxes, not as hosts: ${names}`)
}

/** A name is never within a network: what it resolves to may change after this. */
function isWithin(address: string, networks: readonly string[]): boolean {
  if (isIP(address) === 0) return false
  const list = new BlockList()
  for (const network of networks) {
    const [base = '', prefix] = network.split('/')
    const family = isIPv6(base) ? 'ipv6' : 'ipv4'
    list.addSubnet(base, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
