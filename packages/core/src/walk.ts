import type {
  BackendLeft,
  DeploymentSpec,
  Environment,
  HostTarget,
  ServerRef,
  ServerState,
  StepName,
} from '@vesemir/contract'
import type { Rules } from './access/rules.ts'
import type { SideOf } from './peers/side.ts'
import type { Changesets, Staged } from './ports/changesets.ts'
import type { HostClaim } from './ports/host-claim.ts'
import type { Clock } from './ports/clock.ts'
import type { LoadBalancer, LoadBalancerSession } from './ports/load-balancer.ts'
import type { Deployments } from './ports/deployments.ts'
import type { Epoch } from './ports/epoch.ts'
import type { Locks } from './ports/locks.ts'
import type { HostMark, Marks } from './ports/marks.ts'
import type { Owners } from './ports/owners.ts'
import type { OnLine, RemoteSession, RemoteShell } from './ports/remote-shell.ts'
import type { Secrets } from './ports/secrets.ts'
import type { ServiceManagers } from './ports/service-managers.ts'
import type { TrafficJournal } from './ports/traffic-journal.ts'
import { toNotedServers } from './original-state.ts'
import { versionOf } from './release-report.ts'
import { reveal, type Revealed } from './reveal.ts'
import type { ConcurrentTask } from './run-concurrently.ts'
import type { OnBug } from './report-bug.ts'
import type { TrafficPolicy } from './traffic-policy.ts'
import { versionProofLack } from './version-proof.ts'

/** What the walk of a host needs of the world. */
export interface HostPorts {
  remoteShell: RemoteShell
  loadBalancer: LoadBalancer
  changesets: Changesets
  serviceManagers: ServiceManagers
  secrets: Secrets
  locks: Locks
  journal: TrafficJournal
  owners: Owners
  marks: Marks
  deployments: Pick<Deployments, 'read' | 'readHost' | 'readView'>
  epoch: Epoch
  rules: Pick<Rules, 'accept'>
  clock: Clock
  onBug: OnBug
  /** Called when there is nothing to be done for the host but to wait. */
  onLull: () => void
}

/** One host on its way: what all its steps share. */
export interface Walk {
  readonly claim: HostClaim
  readonly ports: HostPorts
  readonly signal: AbortSignal
  /** Ends waits that can be given up: with `signal`, and when the deployment is cancelled at once. */
  readonly waits: AbortSignal
  readonly spec: DeploymentSpec
  readonly target: HostTarget
  readonly servers: readonly ServerRef[]
  readonly traffic: TrafficPolicy
  readonly balancer: LoadBalancerSession
  readonly progress: Progress
  /** Reads which version servers run now, by how the deployment's hosts stand. */
  readonly readSides: () => Promise<SideOf>
}

/** How far a walk has come: all of it that changes on the way. */
export interface Progress {
  /** The step in progress. */
  step: StepName
  /** Returns the milliseconds that this step has taken so far, those of earlier attempts included. */
  stepMs: () => number
  /** Whether the host's machine and servers are this walk's alone. */
  isOwner: boolean
  /** Servers whose weight a person has set during this walk. */
  adopted: readonly ServerRef[]
  /** Whether what the walk goes back to was handed to the host. */
  isMarked: boolean
  /** Whether a box was seen to have put the host back into rotation, which then was undone. */
  hasReturned: boolean
}

/** A walk whose host is connected. */
export interface ConnectedWalk extends Walk {
  readonly remote: RemoteSession
  /** What the host keeps of this walk, in case Redis forgets it. */
  readonly mark: HostMark
  /** The release on its way to the host, where that was begun ahead. */
  readonly staging: Staging | undefined
  /** Settles when the host has shown that it has what the walk will need, where that is made sure of. */
  readonly proving: Promise<unknown> | undefined
}

/** A release that is brought onto the host ahead of its step; `accepted` when the host has shown that it can take it. */
export interface Staging extends ConcurrentTask<Staged> {
  readonly accepted: Promise<void>
}

/** Does something to a machine, with a look right before whether this worker still may. */
export async function act<Result>(walk: Walk, action: () => Promise<Result>): Promise<Result> {
  walk.signal.throwIfAborted()
  await walk.claim.check()
  return action()
}

/** Changes servers and keeps in the record what they show afterwards, and what their backends have `left` where that was counted. */
export async function change(
  walk: Walk,
  action: () => Promise<ServerState[]>,
  left: readonly BackendLeft[] = [],
): Promise<ServerState[]> {
  const servers = await act(walk, action)
  const counted = left.length > 0 ? { left: [...left] } : {}
  await walk.claim.append({ type: 'servers.seen', host: walk.target.name, servers, ...counted })
  return servers
}

/** Notes in the journal that this walk uses the host's servers, with what they were before the first change. */
export async function noteInHand(walk: Walk): Promise<void> {
  await noteServers(walk, snapshotOf(walk))
}

/** Notes servers in the journal as this walk's, to go back to these states, with the weights that it may set until then. */
export async function noteServers({ claim, ports, traffic, target }: Walk, originals: readonly ServerState[]) {
  const entries = await ports.journal.find(originals)
  // The journal has no fence of its own: a worker that has lost the host must not write what it saw.
  await claim.check()
  const noted = toNotedServers(originals, { percents: traffic.weightPercents, entries })
  const confirm = () => claim.check()
  await ports.journal.note(noted, { deploymentId: claim.deployment.id, host: target.name, confirm })
}

/** Records what the step in progress waits for, when that has changed. */
export async function recordWait(walk: Walk, waitingFor: string): Promise<void> {
  const { state } = walk.claim.host
  if (state.status === 'running' && state.waitingFor === waitingFor) return
  await walk.claim.append({ type: 'step.waiting', host: walk.target.name, step: walk.progress.step, waitingFor })
}

/** The servers before the first change; none where no load balancer stands before the host. */
export function snapshotOf(walk: Walk): readonly ServerState[] {
  return walk.claim.host.snapshot ?? []
}

/** Passes a line of a command's output to the log, under the current step or another. */
export function logLine(walk: Walk, step: StepName = walk.progress.step): OnLine {
  return (line) => walk.claim.log(step, line)
}

/** What commands on the host find in their environment. */
export function commandEnv(walk: Walk): Record<string, string> {
  const { spec, target, claim } = walk
  return {
    VESEMIR_APPLICATION: spec.application,
    VESEMIR_ENVIRONMENT: spec.environment,
    VESEMIR_VERSION: wantedVersion(walk) ?? '',
    VESEMIR_INTENT: claim.host.intent,
    VESEMIR_DEPLOYMENT: claim.deployment.id,
    VESEMIR_HOST: target.name,
    VESEMIR_ADDRESS: target.address,
  }
}

/** Returns settings with the secrets that they refer to, for the moment of their use. Throws as `reveal`. */
export function revealed<Value>({ spec, ports, signal }: Walk, settings: Value): Promise<Revealed<Value>> {
  return reveal(settings, { spec, secrets: ports.secrets, signal })
}

/** Returns what commands get besides, over standard input: the application's variables, and those of a part of the settings. */
export function revealedVariables(walk: Walk, own: Environment = {}): Promise<Record<string, string>> {
  return revealed(walk, { ...walk.spec.variables, ...own })
}

/** The version that the host is to run at the end of the walk; undefined where the way back leads to one that is not known. */
export function wantedVersion({ spec, claim }: Walk): string | undefined {
  if (claim.host.intent === 'deploy') return spec.version
  const release = claim.deployment.plan!.release.id
  const suffix = release.slice(spec.version.length)
  const previous = claim.host.release?.previous
  return suffix === '' || previous === undefined ? previous : versionOf(previous)
}

/** Whether passes of the health check prove the version that the host is to run. */
export function isVersionProven(walk: Walk): boolean {
  return versionProofLack(walk.spec.healthCheck) === undefined && wantedVersion(walk) !== undefined
}
