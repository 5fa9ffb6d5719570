import type {
  DeploymentSpec,
  HostsBehind,
  HostTarget,
  Plan,
  PlannedRelease,
  ServerRef,
  ServerState,
} from '@vesemir/contract'
import { minHealthyOf } from './backends.ts'
import { VesemirError } from './errors.ts'
import { capacityLack } from './capacity.ts'
import { warnOfLeftOut } from './find-behind.ts'
import { leastCapacity, warnOfLeastCapacity } from './least-capacity.ts'
import { planWaves } from './plan-waves.ts'
import type { ServerFigures } from './ports/load-balancer.ts'
import { probeLack } from './prove-by-probe.ts'
import { describeServer, isHeldOut, reducedWeights } from './servers.ts'
import { trafficPolicy } from './traffic-policy.ts'
import { warnOfUnmatchedServers } from './unmatched-servers.ts'
import { versionProofLack } from './version-proof.ts'

/** What planning found out: everything that the plan follows from. */
export interface Findings {
  hosts: readonly HostTarget[]
  boxes: readonly HostTarget[]
  /** For each host, in order, the servers that stand for it. */
  servers: readonly ServerRef[][]
  /** Those servers as the boxes show them. */
  states: readonly ServerState[]
  /** All servers of the backends that those are in. */
  peers: readonly ServerState[]
  /** What the boxes have counted of those. */
  figures: readonly ServerFigures[]
  /** The boxes that have nothing to ask their servers with, and are wanted to. */
  withoutProbes?: readonly string[]
  release: PlannedRelease
  /** Which hosts are behind, where these alone are meant. */
  only?: HostsBehind | undefined
  /** What the inventory said of the machines. */
  warnings: readonly string[]
  /** What the inventory was asked for, as `Found.searched`. */
  searched?: string | undefined
  /** What a shuffle without a seed of its own goes by. */
  seed: string
}

/**
 * Decides all that a deployment will do, as data.
 * @throws {VesemirError} `PLAN_EMPTY` when no host is meant, `SERVER_WITHOUT_HOST`
 */
export function planDeployment(spec: DeploymentSpec, findings: Findings): Plan {
  const { hosts, boxes, servers, release, only, warnings, seed } = findings
  if (hosts.length === 0) {
    const message = `no hosts found for ${spec.application} of team ${spec.team} in ${spec.environment}`
    throw new VesemirError('PLAN_EMPTY', `${message}${describeNoMatch(findings.searched)}`)
  }
  const serversOf = new Map(hosts.map(({ name }, index) => [name, servers[index] ?? []]))
  const planned = planWaves(hosts, { pace: spec.concurrency, order: spec.rollout.order, seed })
  const concurrency = Math.max(...planned.waves.map((wave) => wave.concurrency))
  const capacity = leastCapacity(spec, { ...findings, concurrency })
  return {
    hosts: planned.hosts.map(({ target, wave }) => ({ target, servers: serversOf.get(target.name) ?? [], wave })),
    boxes: [...boxes],
    concurrency,
    waves: planned.waves,
    capacity,
    release,
    ...(only ? { only } : {}),
    warnings: [
      ...warnings,
      ...(only ? warnOfLeftOut(only) : []),
      ...warnOfHealthCheck(spec),
      ...warnOfTopFolder(spec, release),
      ...warnOfServers(spec, findings),
      ...warnOfProof(spec, findings),
      ...warnOfTcp(spec, findings),
      ...warnOfUnmatchedServers(spec, { servers: servers.flat(), peers: findings.peers }),
      ...warnOfCapacity(spec, findings),
      ...warnOfLeastCapacity(capacity),
    ],
  }
}

/** The end of the sentence that says that no machine was found. */
export function describeNoMatch(searched: string | undefined): string {
  return searched === undefined ? '' : `: no machine matches ${searched}`
}

function* warnOfHealthCheck({ healthCheck }: DeploymentSpec): Generator<string> {
  const lack = versionProofLack(healthCheck)
  if (lack) yield `the health check does not prove the version: ${lack}`
}

function* warnOfTopFolder({ changeset }: DeploymentSpec, release: PlannedRelease): Generator<string> {
  if (changeset.strategy !== 'artifact' || changeset.strip > 0) return
  if (release.strategy !== 'artifact' || release.folder === undefined) return
  yield `all files of the artifact are in its folder ${release.folder}/ and will be in current/${release.folder}/: set changeset.strip to 1 to omit that folder`
}

function* warnOfServers(spec: DeploymentSpec, { hosts, servers, states }: Findings): Generator<string> {
  const stateOf = new Map(states.map((state) => [describeServer(state), state]))
  for (const [index, host] of hosts.entries()) {
    const refs = servers[index] ?? []
    const own = refs.flatMap((server) => stateOf.get(describeServer(server)) ?? [])
    if (refs.length === 0 && spec.loadBalancer.kind !== 'none')
      yield `${host.name} is in no backend and receives no traffic`
    const held = own.find(isHeldOut)
    if (held) yield `${host.name}: ${describeServer(held)} is in ${held.admin} already`
    const unreduced = findUnreduced(own, trafficPolicy(spec.loadBalancer).weightPercents)
    if (unreduced) yield `${host.name}: ${describeServer(unreduced)} ${whyUnreduced(unreduced)}`
  }
}

/** What a probe is wanted for and does not prove. */
function* warnOfProof(spec: DeploymentSpec, { states, withoutProbes = [] }: Findings): Generator<string> {
  const { loadBalancer } = spec
  if (withoutProbes.length > 0)
    yield `${withoutProbes.join(', ')} has nothing to probe servers with: only the load balancer's own check proves hosts there. Allow TCP forwarding in its sshd, or install bash`
  const { proof, degradationTimeMs } = trafficPolicy(loadBalancer)
  if (proof === 'check') return
  const lacks = states.filter(({ checked }) => checked).flatMap((server) => probeLack(spec, server) ?? [])
  if (lacks[0]) yield `the load balancer's own check proves hosts, and no probe: ${lacks[0]}`
  else if (proof === 'probe' && degradationTimeMs === 0)
    yield "without loadBalancer.degradationTime, the load balancer's own check confirms a probed host only after it has its full weight"
}

/** What the judge is to go by and cannot see. */
function* warnOfTcp({ loadBalancer }: DeploymentSpec, { figures }: Findings): Generator<string> {
  const { serverErrors, responseTime } = trafficPolicy(loadBalancer).maxRegression ?? {}
  if (serverErrors === undefined && responseTime === undefined) return
  for (const backend of new Set(figures.flatMap((figure) => (figure.tcp ? [figure.backend] : []))))
    yield `${backend} is in TCP mode: of loadBalancer.maxRegression, only connectionErrors is judged there`
}

/** The first host whose guard would have to wait, as things are. */
function* warnOfCapacity({ loadBalancer }: DeploymentSpec, { hosts, servers, peers }: Findings): Generator<string> {
  const demands = ({ backend }: ServerRef) => [minHealthyOf(loadBalancer, backend)]
  for (const [index, { name }] of hosts.entries()) {
    const lack = capacityLack(servers[index] ?? [], { peers, demands })
    if (lack) return yield `${name} cannot be spared now, so its guard would wait: ${lack}`
  }
}

function whyUnreduced({ weight, weightHeldBy }: ServerState): string {
  switch (weightHeldBy) {
    case 'algorithm':
      return 'has no reduced phase: its backend balances by a static algorithm'
    case 'agent':
      return 'may have no reduced phase: its agent sets its weight'
    case undefined:
      return `has weight ${weight}, too small for a reduced phase: give it weight 100 in the load balancer's configuration`
  }
}

/** A server whose weight is not Vesemir's to set, or is so small that less of it, in whole numbers, is as much. */
function findUnreduced(servers: readonly ServerState[], percents: readonly number[]): ServerState | undefined {
  const least = Math.min(...percents)
  if (least === 100) return undefined
  const reduced = reducedWeights(servers, least)
  return servers.find(
    ({ weight, weightHeldBy }, index) =>
      weightHeldBy !== undefined || (weight > 0 && reduced[index]!.weight === weight),
  )
}
