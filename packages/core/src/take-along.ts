import type { Deployment, DeploymentSpec } from '@vesemir/contract'
import { findGone } from './find-named-hosts.ts'
import { isSameJson } from './is-same-json.ts'
import type { DeploymentIndex } from './ports/deployment-index.ts'
import type { Inventory } from './ports/inventory.ts'

interface TakeAlongPorts {
  deploymentIndex: Pick<DeploymentIndex, 'listOngoing'>
  inventory: Inventory
}

/** A deployment as it is planned, and what the plan says of it. */
interface Gathered {
  spec: DeploymentSpec
  warnings: string[]
}

/**
 * Adds to a deployment that brings single hosts up to what should run the hosts of those that wait behind it for the same: of many machines
 * that boot together, none waits for each of the others. Only what differs in nothing but the host and the reason is taken along.
 */
export async function takeAlong(
  deployment: Pick<Deployment, 'id' | 'spec' | 'requestedBy'>,
  { deploymentIndex, inventory }: TakeAlongPorts,
  signal: AbortSignal,
): Promise<Gathered> {
  const { spec } = deployment
  const own = spec.converges && spec.partial ? spec.hosts.only : undefined
  if (!own) return { spec, warnings: [] }
  const asked = new Map<string, string>()
  for (const other of await deploymentIndex.listOngoing())
    if (waitsForTheSame(other, deployment)) for (const host of other.spec.hosts.only ?? []) asked.set(host, other.id)
  for (const host of own) asked.delete(host)
  for (const host of await findGone([...asked.keys()], { spec, inventory, signal })) asked.delete(host)
  const warnings = [...asked].map(([host, id]) => `${host} is taken along: ${id} waits to bring it up`)
  return { spec: { ...spec, hosts: { ...spec.hosts, only: [...own, ...asked.keys()] } }, warnings }
}

function waitsForTheSame(other: Deployment, deployment: Pick<Deployment, 'id' | 'spec' | 'requestedBy'>): boolean {
  return (
    other.id !== deployment.id &&
    other.state.status === 'queued' &&
    !other.plan &&
    other.commands.length === 0 &&
    other.requestedBy === deployment.requestedBy &&
    isSameJson(comparable(other.spec), comparable(deployment.spec))
  )
}

function comparable({ reason: _reason, hosts: { only: _only, ...hosts }, ...spec }: DeploymentSpec): object {
  return { ...spec, hosts }
}
