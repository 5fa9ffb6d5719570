import type { HostTarget, ServerRef } from '@vesemir/contract'
import { minHealthyIn, minHealthyOf } from './backends.ts'
import type { Demands } from './capacity.ts'
import { isVesemirError, VesemirError } from './errors.ts'
import { poll } from './poll.ts'
import type { HostClaim } from './ports/host-claim.ts'
import type { Owner, Owners, Resource } from './ports/owners.ts'
import { recordWait, type HostPorts, type Walk } from './walk.ts'

/** How long a host waits for another walk of its machine or servers: the walk of one host, and whatever holds that up. */
const ownerTimeoutMs = 3_600_000

/**
 * Waits until the machine and the servers of the host are this walk's: one deployment at a time works on them, of whichever
 * application and under whichever name.
 * @throws {VesemirError} `HOST_IN_USE` when another has them for an hour
 */
export async function own(walk: Walk): Promise<void> {
  if (walk.progress.isOwner) return
  let reason = ''
  const owned = await poll(
    async () => {
      const other = await tryToOwn(walk.claim, walk.ports)
      if (!other) return true
      reason = describeUse(walk.target.name, other)
      await recordWait(walk, reason)
      return undefined
    },
    { clock: walk.ports.clock, timeoutMs: ownerTimeoutMs, signal: walk.waits },
  )
  if (!owned) throw new VesemirError('HOST_IN_USE', `waited more than an hour for ${reason}`)
  walk.progress.isOwner = true
}

/** Takes what the host stands for, unless another has some of it: then takes nothing, and returns that owner. */
export async function tryToOwn(claim: HostClaim, { owners }: Pick<HostPorts, 'owners'>): Promise<Owner | undefined> {
  const { deployment, host, attempt } = claim
  const { application, loadBalancer } = deployment.spec
  return owners.take(resourcesOf(claim), {
    id: ownerId(claim),
    name: `${deployment.id} (${application})`,
    walk: { deploymentId: deployment.id, host: host.target.name, attempt },
    minHealthy: loadBalancer.kind === 'none' ? 0 : loadBalancer.minHealthy,
    minHealthyIn: minHealthyIn(loadBalancer),
  })
}

/** Returns whether a walk that gives up owns what the host stands for, or could take it. What cannot be read is another's. */
export async function ownsOrTakes(claim: HostClaim, ports: Pick<HostPorts, 'owners'>): Promise<boolean> {
  try {
    return (await tryToOwn(claim, ports)) === undefined
  } catch (error) {
    if (!isVesemirError(error, 'RECORD_INVALID')) throw error
    return false
  }
}

/** Frees what the host stands for once its walk is over. What a crash leaves owned is stale, since the host has ended. */
export async function giveUpOwnership(claim: HostClaim, { owners }: { owners: Owners }): Promise<void> {
  await owners.free(resourcesOf(claim), ownerId(claim)).catch(() => {})
}

/** Says who walks a host: `d-7 (billing), which is deploying to web-1`. */
function describeUse(host: string, { name, walk }: Owner): string {
  if (!walk) return `${name}, which is putting ${host} back into rotation`
  const as = walk.host === host ? '' : `, as ${walk.host}`
  return `${name}, which is deploying to ${host}${as}`
}

function ownerId({ deployment, host }: HostClaim): string {
  return `${deployment.id}/${host.target.name}`
}

function resourcesOf({ deployment, host }: HostClaim): Resource[] {
  const where = whereOf({ deployment })
  return [machineResource(host.target, where.cluster), ...host.servers.map((server) => serverResource(server, where))]
}

function whereOf({ deployment: { spec, plan } }: Pick<HostClaim, 'deployment'>): Where {
  return { cluster: spec.cluster, boxes: plan?.boxes ?? [] }
}

/** What tells apart boxes of one name. */
interface Where {
  cluster: string
  boxes: readonly HostTarget[]
}

/** A machine is told by how it is reached: two nodes of one address are one. */
function machineResource(target: HostTarget, cluster: string): Resource {
  return { scope: `machines/${cluster}`, name: reachOf(target) }
}

/** Returns what stands for a server among owners; its box is told by how it is reached, too. */
export function serverResource({ box, backend, server }: ServerRef, { cluster, boxes }: Where): Resource {
  const target = boxes.find(({ name }) => name === box)
  return { scope: `servers/${cluster}/${target ? reachOf(target) : box}/${backend}`, name: server }
}

/**
 * How many servers must stay in service in a backend: as many as this deployment wants, and as any other wants that has servers
 * of the backend that are walked on that box just now. So several deployments share one budget.
 */
export async function demandsOf({ claim, ports, servers }: Walk): Promise<Demands> {
  const scopeOf = (server: ServerRef) => serverResource(server, whereOf(claim)).scope
  const scopes = [...new Set(servers.map(scopeOf))]
  const others = await ports.owners.listOthers(scopes, claim.deployment.id)
  return (server) => {
    const sharing = others[scopes.indexOf(scopeOf(server))] ?? []
    return [
      minHealthyOf(claim.deployment.spec.loadBalancer, server.backend),
      ...sharing.map((other) => other.minHealthyIn?.[server.backend] ?? other.minHealthy ?? 0),
    ]
  }
}

function reachOf({ address, port }: HostTarget): string {
  return `${address.toLowerCase().replace(/\.$/, '')} ${port}`
}
