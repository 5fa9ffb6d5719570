import { isIP } from 'node:net'
import { HostTarget } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { hostKeysOf } from './host-keys.ts'
import { findKnownKeys, type KnownHost } from './known-hosts.ts'
import type { ChefNode } from './node.ts'
import type { AttributePaths } from './options.ts'

interface Reach {
  attributes: AttributePaths
  /** Where nodes do not say it themselves. */
  ssh: { user: string; port: number }
  knownHosts: readonly KnownHost[]
}

const shownProblems = 5

/**
 * Says how SSH reaches each node.
 * @throws {VesemirError} `HOST_KEY_MISSING`, `INVENTORY_ANSWER_INVALID`, naming each node that cannot be used and why.
 */
export function toHostTargets(nodes: readonly ChefNode[], reach: Reach): HostTarget[] {
  const targets: HostTarget[] = []
  const problems: VesemirError[] = []
  for (const node of nodes) {
    const target = toHostTarget(node, reach)
    if (target instanceof VesemirError) problems.push(target)
    else targets.push(target)
  }
  const [first] = problems
  if (!first) return targets
  const shown = problems.slice(0, shownProblems).map(({ message }) => message)
  if (problems.length > shownProblems) shown.push(`and ${problems.length - shownProblems} more`)
  const hosts = problems.map(({ details }) => details.host)
  throw new VesemirError(first.code, shown.join('; '), { details: { hosts } })
}

function toHostTarget(node: ChefNode, reach: Reach): HostTarget | VesemirError {
  const { attributes, ssh } = reach
  const { name, address } = node
  if (!isHostName(name)) return unusable(node, 'its name has characters that a host name cannot have')
  if (!isAddress(address)) return unusable(node, `${attributes.address.join('.')} is ${shown(address)}, not an address`)
  const port = node.sshPort == null ? ssh.port : numberIn(node.sshPort)
  if (!isPort(port)) return unusable(node, `${attributes.sshPort?.join('.')} is ${shown(node.sshPort)}, not a port`)
  const user = node.sshUser == null ? ssh.user : node.sshUser
  if (!isUser(user)) return unusable(node, `${attributes.sshUser?.join('.')} is ${shown(user)}, not a user's name`)
  const hostKeys = acceptedKeys(node, { address, port, knownHosts: reach.knownHosts })
  if (hostKeys.length > 0) return { name, address, port, user, hostKeys }
  const message = `${name} has no SSH host key, neither in Chef (keys.ssh) nor in known_hosts`
  return new VesemirError('HOST_KEY_MISSING', message, { details: { host: name } })
}

function acceptedKeys(
  node: ChefNode,
  { address, port, knownHosts }: { address: string; port: number; knownHosts: readonly KnownHost[] },
): string[] {
  const known = findKnownKeys(knownHosts, { names: [node.name, address], port })
  const keys = new Set([...hostKeysOf(node), ...known.keys])
  return [...keys].filter((key) => !known.revoked.includes(key))
}

function unusable({ name }: ChefNode, why: string): VesemirError {
  const message = `${JSON.stringify(name)} cannot be used as Chef knows it: ${why}`
  return new VesemirError('INVENTORY_ANSWER_INVALID', message, { details: { host: name } })
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

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
