import type { HostTarget, LoadBalancer, ServerRef } from '@vesemir/contract'
import { listBackends, type ExpectedBackend } from './backends.ts'
import { describeEndpoint, refuseMoved } from './endpoints.ts'
import { VesemirError } from './errors.ts'
import type { Located, LocatedHost, LoadBalancerSession } from './ports/load-balancer.ts'
import { describeServer, isSameServer } from './servers.ts'

/** Where servers are looked for, and by which settings. */
export interface Search {
  boxes: readonly HostTarget[]
  settings: LoadBalancer
  balancer: Pick<LoadBalancerSession, 'locate'>
  /** What the servers stood for when they were found before. */
  known?: readonly ServerRef[]
}

/** The servers of each host, in order, and what people should know of them. */
export interface HostServers {
  servers: ServerRef[][]
  warnings: string[]
}

/**
 * Finds the servers of hosts: all that stand for a host in the application's backends, however many, wherever they are expected.
 * @throws {VesemirError} `BACKEND_UNKNOWN`, `SERVER_UNKNOWN`, `SERVER_AMBIGUOUS`, `SERVER_NOT_LISTED`, and `SERVER_MOVED`
 * when a server that is found by its name alone stands for something else than before
 */
export async function locateServers(
  hosts: readonly HostTarget[],
  { boxes, settings, balancer, known = [] }: Search,
  signal?: AbortSignal,
): Promise<HostServers> {
  const located = await balancer.locate(hosts, signal)
  if (settings.kind === 'none') return { servers: located.hosts.map(({ servers }) => servers), warnings: [] }
  const expected = { backends: listBackends(settings), boxes: boxes.map(({ name }) => name) }
  refuseMissing(located, expected)
  refuseMoved(
    known,
    located.hosts.flatMap(({ byName }) => byName),
  )
  for (const [index, { servers }] of located.hosts.entries()) refuseUnknown(hosts[index]!, servers, expected)
  refuseShared(hosts, located)
  const others = describeOthers(hosts, located)
  if (settings.otherServers === 'refuse' && others[0]) throw new VesemirError('SERVER_NOT_LISTED', others[0])
  return {
    servers: located.hosts.map(({ servers }) => servers),
    warnings: [
      ...others.map((other) => `${other}: it keeps receiving traffic there`),
      ...warnOfNames(hosts, located),
      ...describePlaces(hosts, located, expected),
    ],
  }
}

interface Expected {
  backends: readonly ExpectedBackend[]
  boxes: readonly string[]
}

/** A backend may be missing on some boxes where that is said, but not on all: its name is wrong then. */
function refuseMissing({ missing }: Located, { backends, boxes }: Expected): void {
  for (const { name, boxes: wanted } of backends) {
    const lacking = missing.filter(({ backend }) => backend === name)
    const isTolerated = wanted === 'some' && lacking.length < boxes.length
    if (lacking[0] && !isTolerated)
      throw new VesemirError('BACKEND_UNKNOWN', `${lacking[0].box} has no backend ${name}`)
  }
}

function refuseUnknown({ name, address }: HostTarget, servers: readonly ServerRef[], expected: Expected): void {
  const { backends, boxes } = expected
  const refuse = (lack: string) => {
    throw new VesemirError('SERVER_UNKNOWN', `${lack} server named ${name} or at ${address}`)
  }
  for (const backend of backends) {
    const having = new Set(servers.filter((server) => server.backend === backend.name).map(({ box }) => box))
    if (having.size === 0 && backend.hosts === 'some') continue
    const lacking = boxes.find((box) => !having.has(box))
    if (lacking !== undefined && backend.boxes === 'all') refuse(`${backend.name} on ${lacking} has no`)
    if (having.size === 0) refuse(`${backend.name} on every box has no`)
  }
  if (servers.length === 0) refuse(`none of the backends ${backends.map((backend) => backend.name).join(', ')} has a`)
}

/** Says which hosts are where in the backends that not every host or box has: one that is missing by mistake shows. */
function describePlaces(hosts: readonly HostTarget[], { hosts: located }: Located, expected: Expected): string[] {
  const partial = expected.backends.filter((backend) => backend.hosts === 'some' || backend.boxes === 'some')
  return partial.map(({ name }) => {
    const places = expected.boxes.map((box) => {
      const here = hosts.filter((_, index) =>
        located[index]!.servers.some((server) => server.box === box && server.backend === name),
      )
      return `${nameSome(here) || 'no host'} on ${box}`
    })
    return `backend ${name} has ${places.join('; ')}`
  })
}

/** How many hosts of a box a sentence names. */
const mostHostsNamed = 10

function nameSome(hosts: readonly HostTarget[]): string {
  const more = hosts.length > mostHostsNamed ? [`${hosts.length - mostHostsNamed} more`] : []
  return [...hosts.slice(0, mostHostsNamed).map(({ name }) => name), ...more].join(', ')
}

/** A server that two hosts are taken for would be drained for the one while the other is restarted. */
function refuseShared(hosts: readonly HostTarget[], located: Located): void {
  const owners = new Map<string, { host: string; server: ServerRef }>()
  for (const [index, { servers }] of located.hosts.entries())
    for (const server of servers) {
      const [host, key] = [hosts[index]!.name, describeServer(server)]
      const other = owners.get(key)
      if (other)
        throw new VesemirError(
          'SERVER_AMBIGUOUS',
          `${key} (${describeEndpoint(server)}) matches both ${other.host} and ${host}, by name or by address`,
        )
      owners.set(key, { host, server })
    }
}

/** Servers that a host is besides: what happens to the machine, happens to them. */
function describeOthers(hosts: readonly HostTarget[], located: Located): string[] {
  const isKnown = (server: ServerRef) =>
    located.hosts.some(({ servers }) => servers.some((own) => isSameServer(own, server)))
  return located.hosts.flatMap(({ others }, index) => {
    const left = others.filter((server) => !isKnown(server))
    if (left.length === 0) return []
    const named = left.map((server) => `${describeServer(server)} (${describeEndpoint(server)})`).join(', ')
    return [`${hosts[index]!.name} is also ${named}, which loadBalancer does not list`]
  })
}

/** The address of the inventory says more than a name; where only the name is right, a person had better look. */
function warnOfNames(hosts: readonly HostTarget[], { hosts: located }: Located): string[] {
  const named = located.flatMap((host, index) => describeByName(hosts[index]!, host))
  if (named.length === 0) return []
  const more = named.length > mostNamed ? [`and ${named.length - mostNamed} more`] : []
  return [
    `servers matched by name only, at another address than their host: ${[...named.slice(0, mostNamed), ...more].join(', ')}`,
  ]
}

const mostNamed = 3

function describeByName({ name, address }: HostTarget, { byName: [server] }: LocatedHost): string[] {
  return server ? [`${describeServer(server)} at ${describeEndpoint(server)} for ${name} (${address})`] : []
}
