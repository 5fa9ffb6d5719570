import type { BoxSelection, DeploymentSpec } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'

/**
 * Gives those of the hosts that `hosts.only` names, or all of them without it.
 * @throws {VesemirError} `QUERY_INVALID` when it names one that is not among them.
 */
export function onlyNamed<Host extends { name: string }>(
  hosts: Host[],
  { hosts: { only }, application, environment }: DeploymentSpec,
): Host[] {
  if (!only) return hosts
  const missing = namesMissing(only, hosts)
  if (missing.length === 0) return hosts.filter(({ name }) => only.includes(name))
  const message = `hosts.only names ${missing.join(', ')}: not among the ${hosts.length} hosts of ${application} in ${environment}`
  throw new VesemirError('QUERY_INVALID', message, { details: { missing } })
}

/**
 * Checks that every box that is named was found: one that is passed over would go on sending traffic to a host that is being
 * restarted.
 * @throws {VesemirError} `QUERY_INVALID`
 */
export function refuseMissing(
  boxes: readonly { name: string }[],
  { selection, spec, source }: { selection: BoxSelection; spec: DeploymentSpec; source: string },
): void {
  const missing = namesMissing(selection.names ?? [], boxes)
  if (missing.length === 0) return
  const environment = environmentOf(selection, spec)
  const message = `loadBalancer.boxes names ${missing.join(', ')}: ${source} has no such machine in ${environment} that matches loadBalancer.boxes`
  throw new VesemirError('QUERY_INVALID', message, { details: { missing } })
}

/** The environment of which the boxes are. */
export function environmentOf(selection: BoxSelection, spec: DeploymentSpec): string {
  return selection.environment ?? spec.environment
}

function namesMissing(names: readonly string[], hosts: readonly { name: string }[]): string[] {
  const found = new Set(hosts.map(({ name }) => name))
  return names.filter((name) => !found.has(name))
}
