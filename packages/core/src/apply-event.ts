import { stepNames } from '@vesemir/contract'
import type {
  Deployment,
  DeploymentEvent,
  DeploymentFact,
  DeploymentState,
  DeploymentView,
  EndedState,
  HostFact,
  HostRecord,
  PlannedHost,
  StepName,
  StepRecord,
} from '@vesemir/contract'
import { approvedState } from './approvals.ts'
import { endedHost, unexplained } from './ended-host.ts'
import { countHosts, noHosts } from './host-counts.ts'
import { addSample } from './peers/add-sample.ts'
import { endTask, startTask, tasksToKeep } from './task-records.ts'
import { restoreLastWalk, goneHost, isRequeued, requeuedHost, type HostsRequeued } from './walk-again.ts'

/**
 * Follows a deployment by its events: worker, API, CLI and page all do it by this function, so that none can see a
 * different truth. The first event is `deployment.queued`; an event that the view already includes changes nothing, nor does
 * one of a type that only a newer API knows.
 */
export function applyEvent(view: DeploymentView | undefined, event: DeploymentEvent): DeploymentView {
  if (event.type === 'deployment.queued') return view ?? newView(event, event)
  if (!view) throw new TypeError(`a deployment's events start with deployment.queued, not ${event.type}`)
  if (event.seq <= view.cursor) return view
  const cursor = event.seq
  switch (event.type) {
    case 'log.appended':
    case 'task.logged':
      return { ...view, cursor }
    case 'deployment.planned': {
      const hosts = event.plan.hosts.map(pendingHost)
      return withHosts(view, event, hosts)
    }
    case 'deployment.commanded':
      return { ...view, deployment: withCommand(view.deployment, event), cursor }
    case 'deployment.waiting':
    case 'deployment.claimed':
    case 'deployment.paused':
    case 'deployment.gated':
    case 'gate.approved':
    case 'deployment.resumed':
    case 'command.refused':
    case 'task.started':
    case 'task.ended':
    case 'peers.compared':
    case 'deployment.superseded':
      return { ...view, deployment: applyDeploymentFact(view.deployment, event, event.at), cursor }
    case 'deployment.ended': {
      const hosts = view.hosts.some(isRequeued) ? view.hosts.map(restoreLastWalk) : view.hosts
      return withHosts(view, event, hosts)
    }
    case 'hosts.requeued': {
      const [chosen, gone] = [new Set(event.hosts), new Set(event.gone)]
      const hosts = view.hosts.map((host) => {
        const { name } = host.target
        return chosen.has(name) ? requeuedHost(host, event) : gone.has(name) ? goneHost(host) : host
      })
      return withHosts(view, event, hosts)
    }
    case 'host.claimed':
    case 'host.turned':
    case 'step.started':
    case 'step.waiting':
    case 'step.ended':
    case 'servers.located':
    case 'servers.snapshotted':
    case 'servers.seen':
    case 'servers.returned':
    case 'release.seen':
    case 'release.introduced':
    case 'release.reverted':
    case 'host.ended': {
      const place = placesOf(view.hosts).get(event.host)
      if (place === undefined) return { ...view, cursor }
      return { ...view, ...withHost(view, { place, fact: event }), cursor }
    }
  }
  return { ...view, cursor }
}

/** Puts a deployment's news into the view, and what it makes of its hosts. */
function withHosts(
  view: DeploymentView,
  event: DeploymentFact & Pick<DeploymentEvent, 'at' | 'seq'>,
  hosts: HostRecord[],
): DeploymentView {
  const deployment = withCounts(applyDeploymentFact(view.deployment, event, event.at), hosts)
  return { ...view, deployment, hosts, cursor: event.seq }
}

/** Puts one host's news into the view: what that costs must not grow with the number of the others. */
function withHost(
  { deployment, hosts }: DeploymentView,
  { place, fact }: { place: number; fact: HostFact & Pick<DeploymentEvent, 'at'> },
): Pick<DeploymentView, 'deployment' | 'hosts'> {
  const before = hosts[place]!
  const after = applyHostFact(before, fact, fact.at)
  const next = hosts.with(place, after)
  // No host is added or moved: the places of these are those of the ones before.
  places.set(next, placesOf(hosts))
  const [from, to] = [before.state.status, after.state.status]
  if (from === to) return { deployment, hosts: next }
  const { counts } = deployment
  return {
    deployment: { ...deployment, counts: { ...counts, [from]: counts[from] - 1, [to]: counts[to] + 1 } },
    hosts: next,
  }
}

/** Where each host stands in a view, by name. */
const places = new WeakMap<readonly HostRecord[], ReadonlyMap<string, number>>()

function placesOf(hosts: readonly HostRecord[]): ReadonlyMap<string, number> {
  const known = places.get(hosts)
  if (known) return known
  const found = new Map(hosts.map(({ target }, place) => [target.name, place]))
  places.set(hosts, found)
  return found
}

/** Makes the record of a deployment that was just asked for. */
export function newDeployment(fact: Extract<DeploymentFact, { type: 'deployment.queued' }>, at: string): Deployment {
  const { id, spec, requestedBy, request, traceparent } = fact
  return {
    id,
    spec,
    requestedBy,
    ...(request === undefined ? {} : { request }),
    ...(traceparent === undefined ? {} : { traceparent }),
    createdAt: at,
    state: { status: 'queued' },
    intent: 'deploy',
    gatesPassed: spec.rollout.gates.some(({ afterWave }) => afterWave === 0) ? -1 : 0,
    toleratedFailures: [],
    commands: [],
    counts: noHosts,
  }
}

/** Makes the record of a host that is planned and not yet touched. */
export function pendingHost({ target, servers, wave }: PlannedHost): HostRecord {
  return { target, servers, wave, state: { status: 'pending' }, intent: 'deploy', attempt: 0, steps: [] }
}

/** Adds a command that was given. One that makes an ended deployment go on queues it. */
export function withCommand(deployment: Deployment, event: CommandedEvent): Deployment {
  const { seq, command, by, at } = event
  const commands = [...deployment.commands, { seq, command, by, at }]
  const { state } = deployment
  if (!isEndedState(state)) return { ...deployment, commands }
  const { refused: _refused, idleMs = 0, ...rest } = deployment
  const endedForMs = Math.max(0, Date.parse(at) - Date.parse(state.endedAt))
  return { ...rest, commands, endedAs: state, idleMs: idleMs + endedForMs, state: { status: 'queued' } }
}

export type CommandedEvent = Extract<DeploymentEvent, { type: 'deployment.commanded' }>

/** Whether nothing more happens to a deployment, unless a person asks for it. */
export function isEnded({ state }: Pick<Deployment, 'state'>): boolean {
  return isEndedState(state)
}

function isEndedState(state: DeploymentState): state is EndedState {
  return 'endedAt' in state
}

/** What a fact makes of a deployment's record, its hosts' counts apart. */
export function applyDeploymentFact(before: Deployment, fact: DeploymentFact, at: string): Deployment {
  const deployment = 'follows' in fact ? withoutCommands(before, fact.follows) : before
  switch (fact.type) {
    case 'deployment.queued':
    case 'deployment.commanded':
      return deployment
    case 'deployment.waiting':
      return deployment.state.status === 'queued'
        ? { ...deployment, state: { status: 'queued', waitingFor: fact.waitingFor } }
        : deployment
    case 'deployment.claimed':
      if (deployment.state.status !== 'queued') return deployment
      return { ...deployment, state: { status: deployment.plan ? 'running' : 'planning', since: at } }
    case 'deployment.planned': {
      const { boxes, concurrency, waves, release, secrets, warnings, changes, hosts } = fact.plan
      const known = { ...(secrets && { secrets }), ...(changes && { changes }) }
      const plan = { boxes, concurrency, waves, release, ...known, warnings, hosts: hosts.length }
      const planned = { ...goingOn(deployment, fact), plan, state: { status: 'running', since: at } as const }
      const { leftOut, failedBefore } = fact.plan.only ?? {}
      return leavingOut(withFailedBefore(planned, failedBefore), leftOut)
    }
    case 'deployment.paused':
      return { ...deployment, state: { status: 'paused', since: at, by: fact.by } }
    case 'deployment.gated':
      return { ...deployment, state: { status: 'gated', since: at, gate: fact.gate } }
    case 'gate.approved':
      return { ...deployment, state: approvedState(deployment.state, fact.by) }
    case 'deployment.resumed':
      return { ...namingNone(pastGate(deployment)), state: { status: 'running', since: at } }
    case 'hosts.requeued':
      return { ...requeued(deployment, fact), intent: fact.intent, state: { status: 'running', since: at } }
    case 'command.refused':
      return { ...deployment, refused: fact.failure }
    case 'task.started':
      return { ...deployment, tasks: startTask(deployment, fact, at) }
    case 'task.ended':
      return { ...deployment, tasks: endTask(deployment.tasks, fact) }
    case 'peers.compared':
      return { ...deployment, peers: addSample(deployment.peers, fact, at) }
    case 'deployment.superseded':
      return { ...deployment, supersededBy: { id: fact.by, version: fact.version } }
    case 'deployment.ended': {
      const { endedAs: _endedAs, ...rest } = deployment
      const ended = { ...rest, commands: [], state: endedDeployment(fact, at) }
      return fact.leftOut ? leavingOut(ended, fact.leftOut) : ended
    }
  }
}

/** Keeps which hosts failed that it is not for, so that the next deployment knows of them. */
function withFailedBefore(
  { failedBefore: _before, ...deployment }: Deployment,
  failedBefore: Deployment['failedBefore'] = [],
): Deployment {
  return failedBefore.length === 0 ? deployment : { ...deployment, failedBefore }
}

/** What was left out when it was planned before is past. */
function leavingOut({ leftOut: _leftOut, ...deployment }: Deployment, leftOut: Deployment['leftOut'] = []): Deployment {
  return leftOut.length === 0 ? deployment : { ...deployment, leftOut }
}

/** A deployment that takes the environment's machines: how it had ended before, and what came after it, is past. */
function goingOn(deployment: Deployment, { supersedes }: { supersedes?: string | undefined }): Deployment {
  const { endedAs: _endedAs, refused: _refused, supersededBy: _supersededBy, ...rest } = deployment
  return supersedes === undefined ? rest : { ...rest, supersedes }
}

function requeued(deployment: Deployment, fact: HostsRequeued): Deployment {
  const { plan, endedAs, excluded: before = [] } = deployment
  const walked = new Set(fact.hosts)
  const excluded = new Set([...before, ...(fact.excluded ?? [])].filter((host) => !walked.has(host)))
  return {
    ...excludingNone(namingNone(goingOn(deployment, fact))),
    ...(fact.named ? { named: { hosts: fact.hosts, endsAfter: endedAs !== undefined } } : {}),
    ...(excluded.size > 0 ? { excluded: [...excluded] } : {}),
    ...(plan && fact.boxes ? { plan: { ...plan, boxes: fact.boxes } } : {}),
    ...(deployment.tasks ? { tasks: tasksToKeep(deployment, fact) } : {}),
  }
}

function excludingNone({ excluded: _excluded, ...deployment }: Deployment): Deployment {
  return deployment
}

function namingNone({ named: _named, ...deployment }: Deployment): Deployment {
  return deployment
}

function withoutCommands(deployment: Deployment, follows: number | undefined): Deployment {
  if (follows === undefined) return deployment
  return { ...deployment, commands: deployment.commands.filter(({ seq }) => seq > follows) }
}

function pastGate(deployment: Deployment): Deployment {
  if (deployment.state.status !== 'gated') return deployment
  const { gate } = deployment.state
  return gate.kind === 'failure'
    ? { ...deployment, toleratedFailures: [...deployment.toleratedFailures, ...gate.hosts] }
    : { ...deployment, gatesPassed: gate.afterWave }
}

/** What a fact makes of a host's record. */
export function applyHostFact(host: HostRecord, fact: HostFact, at: string): HostRecord {
  switch (fact.type) {
    case 'host.claimed':
      return { ...host, attempt: fact.attempt }
    case 'host.turned':
      return { ...host, intent: fact.intent }
    case 'step.started':
      return {
        ...host,
        ...(fact.step === 'deploy' ? beingChanged(host) : {}),
        steps: [...stepsBefore(host, fact.step), startedStep(host, fact.step, at)],
        state: { status: 'running', step: fact.step, since: at },
      }
    case 'step.waiting':
      return host.state.status === 'running' ? { ...host, state: { ...host.state, waitingFor: fact.waitingFor } } : host
    case 'step.ended': {
      const { outcome: status, durationMs, note } = fact
      const steps = host.steps.map((step) =>
        step.step === fact.step ? { ...step, status, durationMs, ...(note === undefined ? {} : { note }) } : step,
      )
      return { ...host, steps }
    }
    case 'servers.located':
      return { ...host, servers: fact.servers }
    case 'servers.snapshotted':
      return { ...taken(host), snapshot: fact.servers, leftOut: fact.leftOut }
    case 'servers.seen':
    case 'servers.returned':
      return { ...host, seen: fact.servers }
    case 'release.seen':
      return naming(seenRunning(host, fact.release), fact.release, at)
    case 'release.introduced':
      return { ...naming(changed(host), fact.release, at), release: releaseOf(host, fact) }
    case 'release.reverted':
      return naming(changed(host), fact.release, at)
    case 'host.ended':
      return {
        ...(fact.traffic === 'restored' && !host.asLeft ? proven(host) : changed(host)),
        state: endedHost(fact, at),
      }
  }
}

/** A host whose changeset begins. When it was proven until now, and turns out not to have been changed, it is so again. */
function beingChanged({ unproven, changing }: HostRecord): Partial<HostRecord> {
  return unproven && !changing ? { unproven } : { unproven: true, changing: true }
}

function changed({ changing: _changing, ...host }: HostRecord): HostRecord {
  return host
}

/** A host whose servers its walk is about to change. */
function taken({ asLeft: _asLeft, ...host }: HostRecord): HostRecord {
  return host
}

/** The host names a release as current, or what it had named holds no more. */
function naming({ current: _current, ...host }: HostRecord, release: string | undefined, saidAt: string): HostRecord {
  return release === undefined ? host : { ...host, current: { release, saidAt } }
}

/** What a host names before this deployment has changed anything is what it ran before. */
function seenRunning(host: HostRecord, release: string): HostRecord {
  if (host.changing && release === host.current?.release) return proven(host)
  return host.unproven || host.release ? host : { ...host, ranBefore: release }
}

/**
 * The way back is the one that was seen first. A host that ran the release already goes back to it; what it remembers from before is
 * another deployment's.
 */
function releaseOf(
  { release: known, ranBefore }: HostRecord,
  { release: id, previous }: Extract<HostFact, { type: 'release.introduced' }>,
): NonNullable<HostRecord['release']> {
  const said = previous === id ? undefined : previous
  const first = known ? known.previous : ranBefore
  const before = first === id ? id : (said ?? first)
  return { id, ...(before === undefined ? {} : { previous: before }) }
}

function proven({ unproven: _unproven, ...host }: HostRecord): HostRecord {
  return changed(host)
}

/** A walk that begins again at a step forgets what came after it. */
function stepsBefore(host: HostRecord, step: StepName): StepRecord[] {
  return host.steps.filter((before) => stepNames.indexOf(before.step) < stepNames.indexOf(step))
}

/** A step that a crash interrupted keeps its start: a soak goes on for the rest of its time. */
function startedStep(host: HostRecord, step: StepName, at: string): StepRecord {
  const interrupted = host.steps.find((before) => before.step === step && before.status === 'running')
  return interrupted ?? { step, status: 'running', startedAt: at }
}

function endedDeployment(fact: Extract<DeploymentFact, { type: 'deployment.ended' }>, at: string): DeploymentState {
  const { outcome, failure, note } = fact
  if (outcome === 'succeeded') return { status: 'succeeded', endedAt: at, ...(note === undefined ? {} : { note }) }
  if (outcome === 'rolled-back') return { status: outcome, endedAt: at, ...(failure ? { failure } : {}) }
  return { status: outcome, endedAt: at, failure: failure ?? unexplained }
}

function newView(
  fact: Extract<DeploymentFact, { type: 'deployment.queued' }>,
  { seq, at }: DeploymentEvent,
): DeploymentView {
  return { deployment: newDeployment(fact, at), hosts: [], cursor: seq }
}

function withCounts(deployment: Deployment, hosts: readonly HostRecord[]): Deployment {
  return { ...deployment, counts: countHosts(hosts) }
}
