import { stepNames } from '@vesemir/contract'
import type {
  Deployment,
  DeploymentEvent,
  DeploymentFact,
  DeploymentState,
  DeploymentView,
  Failure,
  HostFact,
  HostRecord,
  HostState,
  PlannedHost,
  StepName,
  StepRecord,
} from '@vesemir/contract'
import { countHosts, noHosts } from './host-counts.ts'

/**
 * Follows a deployment by its events: worker, API, CLI and page all do it by this function, so that none can see a
 * different truth. The first event is `deployment.queued`; an event that the view already includes changes nothing.
 */
export function applyEvent(view: DeploymentView | undefined, event: DeploymentEvent): DeploymentView {
  if (event.type === 'deployment.queued') return view ?? newView(event, event)
  if (!view) throw new TypeError(`a deployment's events start with deployment.queued, not ${event.type}`)
  if (event.seq <= view.cursor) return view
  const cursor = event.seq
  switch (event.type) {
    case 'log.appended':
      return { ...view, cursor }
    case 'deployment.planned': {
      const hosts = event.plan.hosts.map(pendingHost)
      return { deployment: withCounts(applyDeploymentFact(view.deployment, event, event.at), hosts), hosts, cursor }
    }
    case 'deployment.claimed':
    case 'deployment.ended':
      return { ...view, deployment: applyDeploymentFact(view.deployment, event, event.at), cursor }
    case 'host.claimed':
    case 'step.started':
    case 'step.waiting':
    case 'step.ended':
    case 'servers.snapshotted':
    case 'servers.seen':
    case 'release.introduced':
    case 'host.ended': {
      const hosts = view.hosts.map((host) =>
        host.target.name === event.host ? applyHostFact(host, event, event.at) : host,
      )
      return { deployment: withCounts(view.deployment, hosts), hosts, cursor }
    }
  }
}

/** Makes the record of a deployment that was just asked for. */
export function newDeployment(fact: Extract<DeploymentFact, { type: 'deployment.queued' }>, at: string): Deployment {
  const { id, spec, requestedBy } = fact
  return { id, spec, requestedBy, createdAt: at, state: { status: 'queued' }, counts: noHosts }
}

/** Makes the record of a host that is planned and not yet touched. */
export function pendingHost({ target, servers }: PlannedHost): HostRecord {
  return { target, servers, state: { status: 'pending' }, attempt: 0, steps: [] }
}

/** What a fact makes of a deployment's record, its hosts' counts apart. */
export function applyDeploymentFact(deployment: Deployment, fact: DeploymentFact, at: string): Deployment {
  switch (fact.type) {
    case 'deployment.queued':
      return deployment
    case 'deployment.claimed':
      return deployment.state.status === 'queued'
        ? { ...deployment, state: { status: 'planning', since: at } }
        : deployment
    case 'deployment.planned': {
      const { boxes, concurrency, release, warnings, hosts } = fact.plan
      const plan = { boxes, concurrency, release, warnings, hosts: hosts.length }
      return { ...deployment, plan, state: { status: 'running', since: at } }
    }
    case 'deployment.ended':
      return { ...deployment, state: endedDeployment(fact, at) }
  }
}

/** What a fact makes of a host's record. */
export function applyHostFact(host: HostRecord, fact: HostFact, at: string): HostRecord {
  switch (fact.type) {
    case 'host.claimed':
      return { ...host, attempt: fact.attempt }
    case 'step.started':
      return {
        ...host,
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
    case 'servers.snapshotted':
      return { ...host, snapshot: fact.servers, leftOut: fact.leftOut }
    case 'servers.seen':
      return { ...host, seen: fact.servers }
    case 'release.introduced':
      return {
        ...host,
        release: { id: fact.release, ...(fact.previous === undefined ? {} : { previous: fact.previous }) },
      }
    case 'host.ended':
      return { ...host, state: endedHost(fact, at) }
  }
}

/** A walk that begins anew at a step forgets what came after it. */
function stepsBefore(host: HostRecord, step: StepName): StepRecord[] {
  return host.steps.filter((before) => stepNames.indexOf(before.step) < stepNames.indexOf(step))
}

/** A step that a crash interrupted keeps its start: a soak goes on for the rest of its time. */
function startedStep(host: HostRecord, step: StepName, at: string): StepRecord {
  const interrupted = host.steps.find((before) => before.step === step && before.status === 'running')
  return interrupted ?? { step, status: 'running', startedAt: at }
}

const unexplained: Failure = { code: 'INTERNAL', message: 'it ended without a reason' }

function endedDeployment(fact: Extract<DeploymentFact, { type: 'deployment.ended' }>, at: string): DeploymentState {
  if (fact.outcome === 'succeeded') return { status: 'succeeded', endedAt: at }
  return { status: fact.outcome, endedAt: at, failure: fact.failure ?? unexplained }
}

function endedHost(fact: Extract<HostFact, { type: 'host.ended' }>, at: string): HostState {
  const { outcome, traffic } = fact
  if (outcome === 'succeeded') return { status: 'succeeded', endedAt: at, traffic }
  return { status: outcome, endedAt: at, traffic, failure: fact.failure ?? unexplained }
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
