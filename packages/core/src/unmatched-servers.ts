import type { DeploymentSpec, ServerRef, ServerState } from '@vesemir/contract'
import { describeEndpoint } from './endpoints.ts'
import { VesemirError } from './errors.ts'
import { describeServer, isSameServer } from './servers.ts'

/**
 * Says which servers of the backends stand for no host of the deployment: they keep the version that they run. A deployment to hosts
 * of its request's own choice passes over others on purpose; backups, servers in maintenance and slots without an address get
 * no traffic.
 * @throws {VesemirError} `SERVER_WITHOUT_HOST` where `unmatchedServers` is `refuse`
 */
export function warnOfUnmatchedServers(
  { partial, only, unmatchedServers }: DeploymentSpec,
  { servers, peers }: { servers: readonly ServerRef[]; peers: readonly ServerState[] },
): string[] {
  if (partial || only) return []
  const unmatched = peers.filter((peer) => getsTraffic(peer) && !servers.some((own) => isSameServer(own, peer)))
  if (unmatched.length === 0) return []
  const warning = describeUnmatched(unmatched)
  if (unmatchedServers === 'warn') return [warning]
  throw new VesemirError('SERVER_WITHOUT_HOST', warning, { details: { servers: unmatched.map(describeServer) } })
}

function getsTraffic({ admin, backup, endpoint }: ServerState): boolean {
  const hasAddress = !endpoint || endpoint.address !== '' || endpoint.fqdn !== undefined
  return admin !== 'maint' && !backup && hasAddress
}

/** How many servers a sentence names. */
const mostNamed = 3

function describeUnmatched(unmatched: readonly ServerState[]): string {
  const named = unmatched.slice(0, mostNamed).map((server) => `${describeServer(server)} (${describeEndpoint(server)})`)
  const more = unmatched.length > mostNamed ? [`${unmatched.length - mostNamed} more`] : []
  return `servers without a host in the inventory keep their version: ${[...named, ...more].join(', ')}`
}
