import type {
  Deployment,
  DeploymentEvent,
  DeploymentFact,
  HostFact,
  HostStatus,
  Intent,
  StepName,
  TaskRecord,
} from '@vesemir/contract'
import { applyDeploymentFact, newDeployment, withCommand } from '../apply-event.ts'

/** A stretch of time, by ISO moments; without `to`, it lasts. */
export interface Lasting {
  from: string
  to?: string
}

/** How long something waited, and for what. */
export interface Wait extends Lasting {
  waitingFor: string
}

/** What a deployment as a whole was doing for a while. */
export interface Phase extends Lasting {
  status: Exclude<Deployment['state']['status'], 'succeeded' | 'failed' | 'cancelled' | 'rolled-back'>
  /** Why it stood still, where it did. */
  state: Deployment['state']
}

/** One step on one host, as one worker did it: a worker that takes over begins another. */
export interface StepBar extends Lasting {
  step: StepName
  outcome: 'running' | 'succeeded' | 'failed' | 'skipped' | 'interrupted'
  intent: Intent
  /** Counted from 1: a retry and the way back are walks of their own. */
  walk: number
  /** The attempt of a worker at the host; 0 where no event told it. */
  attempt: number
  note?: string
  waits: Wait[]
}

/** A host with all that was done to it, in order. */
export interface HostLane {
  host: string
  wave: number
  status: HostStatus
  /** Why it failed, where it did. */
  why?: string
  walks: number
  bars: StepBar[]
}

/** A task each time it ran. */
export interface TaskBar extends Lasting {
  task: string
  outcome: TaskRecord['status'] | 'interrupted'
  note?: string
}

/** A deployment over time. */
export interface Timeline extends Lasting {
  phases: Phase[]
  tasks: TaskBar[]
  hosts: HostLane[]
}

/**
 * Lays a deployment out over time, by all of its events but its output. One that goes on has no end yet. Hosts are in the order of
 * the plan.
 */
export function timelineOf(events: Iterable<DeploymentEvent>): Timeline | undefined {
  const drawing: Drawing = { phases: [], tasks: [], lanes: new Map() }
  let deployment: Deployment | undefined
  let from: string | undefined
  for (const event of events) {
    from ??= event.at
    if (isHostEvent(event)) addHostFact(drawing.lanes.get(event.host), event)
    else if (event.type !== 'task.logged') {
      deployment = addDeploymentFact(drawing, { deployment, event })
    }
  }
  if (from === undefined || !deployment) return undefined
  const { phases, tasks, lanes } = drawing
  const { state } = deployment
  const hosts = [...lanes.values()].map(({ attempt: _attempt, intent: _intent, ...lane }) => lane)
  return { from, ...('endedAt' in state ? { to: state.endedAt } : {}), phases, tasks, hosts }
}

interface Drawing {
  phases: Phase[]
  tasks: TaskBar[]
  lanes: Map<string, OpenLane>
}

/** A lane with what its next step is to say. */
interface OpenLane extends HostLane {
  attempt: number
  intent: Intent
}

type HostEvent = Extract<DeploymentEvent, { host: string }>
type OwnEvent = Exclude<DeploymentEvent, HostEvent | { type: 'task.logged' }>

function isHostEvent(event: DeploymentEvent): event is HostEvent {
  return 'host' in event
}

function addDeploymentFact(
  drawing: Drawing,
  { deployment, event }: { deployment: Deployment | undefined; event: OwnEvent },
): Deployment | undefined {
  const { at } = event
  if (event.type === 'deployment.queued' && !deployment) {
    const made = newDeployment(event, at)
    beginPhase(drawing, made, at)
    return made
  }
  if (!deployment) return undefined
  // An event of a type that only a newer API knows changes nothing.
  const after =
    event.type === 'deployment.commanded'
      ? withCommand(deployment, event)
      : (applyDeploymentFact(deployment, event, at) ?? deployment)
  if (after.state !== deployment.state) beginPhase(drawing, after, at)
  addToLanes(drawing, event)
  return after
}

/** The next phase begins where the one before ends; what goes on unchanged is one phase. */
function beginPhase({ phases }: Drawing, { state }: Deployment, at: string): void {
  const last = phases.at(-1)
  if (last && last.to === undefined) {
    if (last.status === state.status && isSameStand(last.state, state)) {
      last.state = state
      return
    }
    last.to = at
  }
  if (!('endedAt' in state)) phases.push({ from: at, status: state.status, state })
}

/** A gate that one more person has approved is the same gate. */
function isSameStand(a: Deployment['state'], b: Deployment['state']): boolean {
  return a.status !== 'queued' || b.status !== 'queued' || a.waitingFor === b.waitingFor
}

function addToLanes({ lanes, tasks }: Drawing, event: DeploymentFact & { at: string }): void {
  switch (event.type) {
    case 'deployment.planned':
      for (const { target, wave } of event.plan.hosts)
        lanes.set(target.name, {
          host: target.name,
          wave,
          status: 'pending',
          walks: 0,
          bars: [],
          attempt: 0,
          intent: 'deploy',
        })
      break
    case 'hosts.requeued':
      for (const host of event.hosts) requeue(lanes.get(host), event.intent)
      break
    case 'task.started':
      cutTask(tasks.at(-1), event.at)
      tasks.push({ task: event.task, from: event.at, outcome: 'running' })
      break
    case 'task.ended': {
      const bar = tasks.findLast(({ task, to }) => task === event.task && to === undefined)
      if (bar) Object.assign(bar, { to: event.at, outcome: event.outcome, ...noteOf(event) })
      break
    }
    case 'deployment.ended':
      cutTask(tasks.at(-1), event.at)
      break
    case 'deployment.queued':
    case 'deployment.waiting':
    case 'deployment.claimed':
    case 'deployment.commanded':
    case 'command.refused':
    case 'deployment.paused':
    case 'deployment.gated':
    case 'gate.approved':
    case 'deployment.resumed':
    case 'deployment.superseded':
  }
}

function noteOf({ note, failure }: Extract<DeploymentFact, { type: 'task.ended' }>): Pick<TaskBar, 'note'> {
  const text = failure?.message ?? note
  return text === undefined ? {} : { note: text }
}

/** A task whose worker died ends without a word. */
function cutTask(bar: TaskBar | undefined, at: string): void {
  if (bar && bar.to === undefined) Object.assign(bar, { to: at, outcome: 'interrupted' })
}

function requeue(lane: OpenLane | undefined, intent: Intent): void {
  if (!lane) return
  lane.status = 'pending'
  lane.intent = intent
  delete lane.why
}

function addHostFact(lane: OpenLane | undefined, event: HostEvent): void {
  if (!lane) return
  switch (event.type) {
    case 'host.claimed':
      lane.attempt = event.attempt
      break
    case 'host.turned':
      lane.intent = event.intent
      break
    case 'step.started':
      startBar(lane, event)
      break
    case 'step.waiting': {
      const bar = openBar(lane)
      endWait(bar, event.at)
      // A soak is nothing but waiting.
      if (event.step !== 'soak') bar?.waits.push({ from: event.at, waitingFor: event.waitingFor })
      break
    }
    case 'step.ended': {
      const { outcome, note } = event
      endBar(lane, event.at, { outcome, ...(note === undefined ? {} : { note }) })
      break
    }
    case 'host.ended':
      endBar(lane, event.at, { outcome: 'interrupted' })
      lane.status = event.outcome
      if (event.failure) lane.why = event.failure.message
      break
    case 'servers.located':
    case 'servers.snapshotted':
    case 'servers.seen':
    case 'servers.returned':
    case 'release.seen':
    case 'release.introduced':
    case 'release.reverted':
    case 'log.appended':
  }
}

function startBar(lane: OpenLane, { at, step }: Extract<HostFact, { type: 'step.started' }> & { at: string }): void {
  endBar(lane, at, { outcome: 'interrupted' })
  if (lane.status !== 'running') lane.walks += 1
  lane.status = 'running'
  const { walks: walk, attempt, intent } = lane
  lane.bars.push({ from: at, step, outcome: 'running', intent, walk, attempt, waits: [] })
}

function openBar({ bars }: HostLane): StepBar | undefined {
  const last = bars.at(-1)
  return last && last.to === undefined ? last : undefined
}

function endBar(lane: HostLane, at: string, end: Pick<StepBar, 'outcome' | 'note'>): void {
  const bar = openBar(lane)
  if (!bar) return
  endWait(bar, at)
  Object.assign(bar, { to: at, ...end })
}

function endWait(bar: StepBar | undefined, at: string): void {
  const wait = bar?.waits.at(-1)
  if (wait && wait.to === undefined) wait.to = at
}
