import type { DeploymentSpec, HostTarget, Plan, PlannedRelease, ServerRef, ServerState } from '@vesemir/contract'
import { VesemirError } from './errors.ts'
import { describeServer, isHeldOut, isSameServer, reducedWeights } from './servers.ts'
import { trafficPolicy } from './traffic-policy.ts'

/** What planning found out: everything that the plan follows from. */
export interface Findings {
  hosts: readonly HostTarget[]
  boxes: readonly HostTarget[]
  /** For each host, in order, the servers that stand for it. */
  servers: readonly ServerRef[][]
  /** Those servers as the boxes show them. */
  states: readonly ServerState[]
  release: PlannedRelease
  /** What the inventory said of the machines. */
  warnings: readonly string[]
}

/**
 * Decides all that a deployment will do, as data.
 * @throws {VesemirError} `PLAN_EMPTY` when no host is meant
 */
export function planDeployment(spec: DeploymentSpec, findings: Findings): Plan {
  const { hosts, boxes, servers, release, warnings } = findings
  if (hosts.length === 0)
    throw new VesemirError('PLAN_EMPTY', `no host runs ${spec.application} of team ${spec.team} in ${spec.environment}`)
  return {
    hosts: hosts.map((target, index) => ({ target, servers: servers[index] ?? [] })),
    boxes: [...boxes],
    concurrency: hostsAtOnce(spec.concurrency, hosts.length),
    release,
    warnings: [...warnings, ...warnOfServers(spec, findings)],
  }
}

/** A percentage rounds down, as Ansible's `serial` does, and is at least 1. */
function hostsAtOnce(concurrency: number | string, hosts: number): number {
  if (typeof concurrency === 'number') return concurrency
  return Math.max(1, Math.floor((hosts * Number.parseInt(concurrency, 10)) / 100))
}

function* warnOfServers(spec: DeploymentSpec, { hosts, servers, states }: Findings): Generator<string> {
  const { degradedPercent } = trafficPolicy(spec.loadBalancer)
  for (const [index, host] of hosts.entries()) {
    const own = states.filter((state) => servers[index]?.some((server) => isSameServer(server, state)))
    const [held] = own.filter(isHeldOut)
    if (held) yield `${host.name}: ${describeServer(held)} is in ${held.admin} already`
    const [unreduced] = reducedWeights(own, degradedPercent).filter(
      ({ server, weight }) =>
        degradedPercent < 100 && weight === own.find((state) => isSameServer(state, server))?.weight,
    )
    if (unreduced)
      yield (
        `${host.name}: ${describeServer(unreduced.server)} has weight ${unreduced.weight}, too small for a reduced phase: ` +
        `give it "weight 100" in haproxy.cfg`
      )
  }
}
