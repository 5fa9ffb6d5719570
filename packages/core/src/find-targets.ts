import type { HostRecord, HostTarget, ServerRef } from '@vesemir/contract'
import { isVesemirError } from './errors.ts'
import { findNamedHosts } from './find-named-hosts.ts'
import { inParallel } from './in-parallel.ts'
import { isSameJson } from './is-same-json.ts'
import { locateServers } from './locate-servers.ts'
import type { DeploymentClaim } from './ports/deployment-claim.ts'
import type { Inventory } from './ports/inventory.ts'
import type { LoadBalancer } from './ports/load-balancer.ts'

/** How hosts are reached now, compared with what the record says. */
export interface FoundTargets {
  /** The hosts that are there, by name. */
  present: string[]
  gone: string[]
  changed: { target: HostTarget; servers: ServerRef[] }[]
  boxes: HostTarget[] | undefined
}

interface Search {
  deployment: DeploymentClaim['deployment']
  inventory: Inventory
  loadBalancer: LoadBalancer
  signal: AbortSignal
}

/**
 * Finds hosts that are to be walked again: since the plan, machines may have gone, or have got other addresses and servers.
 * @throws what the inventory and the load balancer throw
 */
export async function findTargets(hosts: readonly HostRecord[], search: Search): Promise<FoundTargets> {
  const { deployment, inventory, loadBalancer, signal } = search
  const { spec, plan } = deployment
  const names = hosts.map(({ target }) => target.name)
  const [found, boxes] = await inParallel(
    () => findNamedHosts(names, { spec, inventory, signal }),
    () => (spec.loadBalancer.kind === 'none' ? [] : findBoxes(search, spec.loadBalancer)),
  )
  const targets = new Map(found.hosts.map((target) => [target.name, target]))
  const present = hosts.filter(({ target }) => targets.has(target.name))
  const wanted = present.map(({ target }) => targets.get(target.name)!)
  await using balancer = await loadBalancer.open(boxes, spec.loadBalancer, signal)
  const { servers } = await locateServers(wanted, { boxes, settings: spec.loadBalancer, balancer }, signal)
  const now = wanted.map((target, index) => ({ target, servers: servers[index]! }))
  return {
    present: wanted.map(({ name }) => name),
    gone: found.gone,
    changed: now.filter(({ target, servers }, index) => {
      const before = present[index]!
      return !isSameJson(target, before.target) || !isSameJson(servers, before.servers)
    }),
    boxes: isSameJson(boxes, plan!.boxes) ? undefined : boxes,
  }
}

/** What stands in for it when nobody waits for an answer: a way back that begins by itself must not wait for the inventory. */
export async function findTargetsOrKeep(hosts: readonly HostRecord[], search: Search): Promise<FoundTargets> {
  try {
    return await findTargets(hosts, search)
  } catch (error) {
    if (search.signal.aborted || !isVesemirError(error)) throw error
    return { present: hosts.map(({ target }) => target.name), gone: [], changed: [], boxes: undefined }
  }
}

type Balancer = Exclude<DeploymentClaim['deployment']['spec']['loadBalancer'], { kind: 'none' }>

async function findBoxes({ deployment, inventory, signal }: Search, { boxes }: Balancer): Promise<HostTarget[]> {
  return (await inventory.findBoxes(boxes, deployment.spec, signal)).hosts
}
