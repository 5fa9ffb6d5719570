import type { HostTarget } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { normalAddress } from './address.ts'
import { listed } from './listed.ts'

/**
 * Checks that no two hosts are one machine: both walks would restart it, and each take the other's drain for a stranger's.
 * Two ports at one address are two machines, behind a gateway that forwards ports.
 * @throws {VesemirError} `HOST_DUPLICATE`, naming all of them
 */
export function refuseTwins(targets: readonly HostTarget[], source: string): void {
  const machines = Map.groupBy(targets, ({ address, port }) => `${normalAddress(address)} port ${port}`)
  const twins = [...machines].filter(([, hosts]) => hosts.length > 1)
  if (twins.length === 0) return
  const told = twins.map(([at, hosts]) => `${hosts.map(({ name }) => name).join(' and ')} (${at})`)
  const message = `${source} has one machine under several names: ${listed(told)}`
  const hosts = twins.flatMap(([, of]) => of.map(({ name }) => name))
  throw new VesemirError('HOST_DUPLICATE', message, { details: { hosts } })
}

/**
 * Warns of hosts at different addresses for which the inventory has the same host key: one machine with two addresses, or
 * copies of one image that kept its key. Which of the two cannot be seen from here.
 */
export function warnOfSharedKeys(hosts: readonly { name: string; hostKeys: readonly string[] }[]): string[] {
  const owners = new Map<string, string[]>()
  for (const { name, hostKeys } of hosts)
    for (const key of new Set(hostKeys)) owners.set(key, [...(owners.get(key) ?? []), name])
  const shared = new Set([...owners.values()].filter((names) => names.length > 1).map((names) => listed(names, ', ')))
  return [...shared].map(
    (names) => `${names} have the same SSH host key: are they one machine, or copies of one image?`,
  )
}
