import { isIP } from 'node:net'
import { HostTarget } from '@vesemir/contract'
import { VesemirError, type Found } from '@vesemir/core'
import { acceptedKeys, findKnownKeys, type KnownHost } from '../remote-shell/ssh/known-hosts.ts'
import type { InventoryDeps } from './deps.ts'
import { whyUnreachable } from './address.ts'
import { listed } from './listed.ts'
import { refuseTwins, warnOfSharedKeys } from './twins.ts'

/** A machine as an inventory's source describes it, unchecked. What is null or undefined is not said there. */
export interface DescribedHost {
  name: string
  address: unknown
  port: unknown
  user: unknown
  zone: unknown
  /** As OpenSSH writes them. */
  hostKeys: readonly string[]
  /** The way, as ssh's ProxyJump: names of jump hosts of the worker's settings, or `none`; the usual way where it is not said. */
  jumpHosts?: unknown
  /** Why the host cannot be reached by SSH at all. */
  problem?: string
}

interface Reach {
  /** What the source and its fields are called, for messages. */
  labels: { source: string; address: string; port: string; user: string; hostKeys: string }
  /** Where a host's description does not say it. */
  ssh: InventoryDeps['ssh']
  knownHosts: readonly KnownHost[]
}

/**
 * Says how SSH reaches each host, with a warning where two may be one machine.
 * @throws {VesemirError} `HOST_KEY_MISSING`, `HOST_UNUSABLE`, `HOST_DUPLICATE`, naming each host that cannot be used and why.
 */
export function toFound(hosts: readonly DescribedHost[], reach: Reach): Found {
  const targets: HostTarget[] = []
  const problems: VesemirError[] = []
  for (const host of hosts) {
    const target = toHostTarget(host, reach)
    if (target instanceof VesemirError) problems.push(target)
    else targets.push(target)
  }
  const [first] = problems
  if (first) {
    const names = problems.map(({ details }) => details.host)
    throw new VesemirError(first.code, listed(problems.map(({ message }) => message)), { details: { hosts: names } })
  }
  refuseTwins(targets, reach.labels.source)
  return { hosts: targets, warnings: warnOfSharedKeys(hosts) }
}

function toHostTarget(host: DescribedHost, { labels, ssh, knownHosts }: Reach): HostTarget | VesemirError {
  const { name, address } = host
  const unusable = (why: string) => {
    const message = `${JSON.stringify(name)} cannot be used as ${labels.source} knows it: ${why}`
    return new VesemirError('HOST_UNUSABLE', message, { details: { host: name } })
  }
  if (!isHostName(name)) return unusable('its name has characters that a host name cannot have')
  if (host.problem !== undefined) return unusable(host.problem)
  if (!isAddress(address)) return unusable(`${labels.address} is ${shown(address)}, not an address`)
  const unreachable = whyUnreachable(address)
  if (unreachable) return unusable(`${labels.address} is ${address}, which is ${unreachable}`)
  const port = host.port == null ? ssh.port : numberIn(host.port)
  if (!isPort(port)) return unusable(`${labels.port} is ${shown(host.port)}, not a port`)
  const user = host.user == null ? ssh.user : host.user
  if (!isUser(user)) return unusable(`${labels.user} is ${shown(user)}, not a user's name`)
  const jumpHosts = jumpHostsIn(host.jumpHosts)
  const unknown = jumpHosts?.find((name) => !ssh.jumpHosts?.includes(name))
  if (unknown !== undefined) return unusable(sayUnknownJumpHost(unknown, ssh.jumpHosts))
  const hostKeys = acceptedKeys(host.hostKeys, findKnownKeys(knownHosts, { names: [name, address], port }))
  const zone = zoneIn(host.zone)
  if (hostKeys.length > 0)
    return { name, address, port, user, hostKeys, ...(zone && { zone }), ...(jumpHosts && { jumpHosts }) }
  const message = `${name} has no SSH host key, neither in ${labels.hostKeys} nor in known_hosts`
  return new VesemirError('HOST_KEY_MISSING', message, { details: { host: name } })
}

function jumpHostsIn(value: unknown): string[] | undefined {
  if (value == null) return undefined
  const names = [value].flat().flatMap((item) => (typeof item === 'string' ? item.split(',') : [shown(item)]))
  return names.filter((name) => name !== 'none')
}

function sayUnknownJumpHost(name: string, known: readonly string[] = []): string {
  const instead = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`
  return `its jump host ${shown(name)} is not in the worker's remoteShell.namedJumpHosts (${instead})`
}

function isHostName(text: unknown): text is string {
  return HostTarget.shape.name.safeParse(text).success
}

function isAddress(value: unknown): value is string {
  return isHostName(value) || (typeof value === 'string' && isIP(value) !== 0)
}

function numberIn(value: unknown): number {
  return typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535
}

function isUser(user: unknown): user is string {
  return typeof user === 'string' && /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/.test(user)
}

/** Google's clouds write `projects/7/zones/europe-west1-b`: the last part is the zone. A text that is no name is none. */
function zoneIn(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const zone = value.slice(value.lastIndexOf('/') + 1)
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(zone) ? zone : undefined
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
