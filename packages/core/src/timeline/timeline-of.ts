import type {
  Deployment,
  DeploymentEvent,
  DeploymentView,
  HostRecord,
  HostStatus,
  Intent,
  StepName,
  TaskRecord,
} from '@vesemir/contract'
import { applyEvent } from '../apply-event.ts'

/** A stretch of time, by ISO moments; without `to`, it lasts. */
export interface Lasting {
  from: string
  to?: string
}

/** What a step waited for, from when it first said so. */
export interface Wait extends Lasting {
  waitingFor: string
  /** Whether no event tells when it was over: what the step did next may have taken the rest of its time. */
  isLast?: true
}

/** What a deployment as a whole was doing for a while. */
export interface Phase extends Lasting {
  status: Exclude<Deployment['state']['status'], 'succeeded' | 'failed' | 'cancelled' | 'rolled-back'>
  intent: Intent
  /** Why it stood still, where it did. */
  state: Deployment['state']
}

/** One step on one host, as one worker did it: a worker that takes over begins another. */
export interface StepBar extends Lasting {
  step: StepName
  outcome: 'running' | 'succeeded' | 'failed' | 'skipped' | 'interrupted'
  intent: Intent
  /** Counted from 1: the host's work begun anew, as by a retry. A walk that turns back by itself is one with its way there. */
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
 * the plan; how they stand is what their records say.
 */
export function timelineOf(events: Iterable<DeploymentEvent>): Timeline | undefined {
  const drawing: Drawing = { phases: [], tasks: [], lanes: new Map() }
  let view: DeploymentView | undefined
  let from: string | undefined
  for (const event of events) {
    from ??= event.at
    if (!view && event.type !== 'deployment.queued') continue
    const before = view
    view = applyEvent(view, event)
    if (before?.deployment.state !== view.deployment.state) beginPhase(drawing, view.deployment, event.at)
    addBars(drawing, view, event)
  }
  if (from === undefined || !view) return undefined
  const { phases, tasks, lanes } = drawing
  const { deployment, hosts } = view
  const { state } = deployment
  const drawn = hosts.map((host) => laneOf(host, lanes.get(host.target.name)!))
  return { from, ...('endedAt' in state ? { to: state.endedAt } : {}), phases, tasks, hosts: drawn }
}

interface Drawing {
  phases: Phase[]
  tasks: TaskBar[]
  lanes: Map<string, OpenLane>
}

/** The bars of a host, and where it stands in the view. */
interface OpenLane extends Pick<HostLane, 'walks' | 'bars'> {
  place: number
  isWalking: boolean
}

function laneOf({ target, wave, state }: HostRecord, { walks, bars }: OpenLane): HostLane {
  const why = 'failure' in state && state.failure ? { why: state.failure.message } : {}
  return { host: target.name, wave, status: state.status, ...why, walks, bars }
}

/** The next phase begins where the one before ends; what goes on unchanged is one phase. */
function beginPhase({ phases }: Drawing, { state, intent }: Deployment, at: string): void {
  const last = phases.at(-1)
  if (last && last.to === undefined) {
    if (last.status === state.status && last.intent === intent && isSameStand(last.state, state)) {
      last.state = state
      return
    }
    last.to = at
  }
  if (!('endedAt' in state)) phases.push({ from: at, status: state.status, intent, state })
}

/** A gate that one more person has approved is the same gate. */
function isSameStand(a: Deployment['state'], b: Deployment['state']): boolean {
  return a.status !== 'queued' || b.status !== 'queued' || a.waitingFor === b.waitingFor
}

function addBars(drawing: Drawing, { hosts }: DeploymentView, event: DeploymentEvent): void {
  if (!('host' in event)) addOwnFact(drawing, event)
  else {
    const lane = drawing.lanes.get(event.host)
    if (lane) addHostFact(lane, hosts[lane.place]!, event)
  }
}

type HostEvent = Extract<DeploymentEvent, { host: string }>

function addOwnFact({ lanes, tasks }: Drawing, event: Exclude<DeploymentEvent, HostEvent>): void {
  switch (event.type) {
    case 'deployment.planned':
      for (const [place, { target }] of event.plan.hosts.entries())
        lanes.set(target.name, { place, isWalking: false, walks: 0, bars: [] })
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
    case 'hosts.requeued':
    case 'task.logged':
    case 'deployment.queued':
    case 'deployment.waiting':
    case 'deployment.claimed':
    case 'deployment.commanded':
    case 'command.refused':
    case 'deployment.paused':
    case 'deployment.gated':
    case 'gate.approved':
    case 'peers.compared':
    case 'deployment.resumed':
    case 'deployment.superseded':
  }
}

function noteOf({ note, failure }: Extract<DeploymentEvent, { type: 'task.ended' }>): Pick<TaskBar, 'note'> {
  const text = failure?.message ?? note
  return text === undefined ? {} : { note: text }
}

/** A task whose worker died ends without a word. */
function cutTask(bar: TaskBar | undefined, at: string): void {
  if (bar && bar.to === undefined) Object.assign(bar, { to: at, outcome: 'interrupted' })
}

function addHostFact(lane: OpenLane, host: HostRecord, event: HostEvent): void {
  switch (event.type) {
    case 'step.started':
      startBar(lane, host, event)
      break
    case 'step.waiting':
      // A soak is nothing but waiting.
      if (event.step !== 'soak') addWait(openBar(lane), event)
      break
    case 'step.ended': {
      const { outcome, note } = event
      endBar(lane, event.at, { outcome, ...(note === undefined ? {} : { note }) })
      break
    }
    case 'host.ended':
      endBar(lane, event.at, { outcome: 'interrupted' })
      lane.isWalking = false
      break
    case 'host.claimed':
    case 'host.turned':
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

function startBar(
  lane: OpenLane,
  { attempt, intent }: HostRecord,
  { at, step }: Extract<HostEvent, { type: 'step.started' }>,
): void {
  endBar(lane, at, { outcome: 'interrupted' })
  if (!lane.isWalking) lane.walks += 1
  lane.isWalking = true
  lane.bars.push({ from: at, step, outcome: 'running', intent, walk: lane.walks, attempt, waits: [] })
}

function openBar({ bars }: Pick<HostLane, 'bars'>): StepBar | undefined {
  const last = bars.at(-1)
  return last && last.to === undefined ? last : undefined
}

/** A wait whose figures change, as the sessions that are left, is one: only what stands before the colon tells it from another. */
function addWait(
  bar: StepBar | undefined,
  { at, waitingFor: text }: Extract<HostEvent, { type: 'step.waiting' }>,
): void {
  if (!bar) return
  const waitingFor = text.split(':')[0]!
  const last = bar.waits.at(-1)
  if (last?.waitingFor === waitingFor) return
  if (last) {
    last.to = at
    delete last.isLast
  }
  bar.waits.push({ from: at, waitingFor, isLast: true })
}

function endBar(lane: Pick<HostLane, 'bars'>, at: string, end: Pick<StepBar, 'outcome' | 'note'>): void {
  const bar = openBar(lane)
  if (!bar) return
  const wait = bar.waits.at(-1)
  if (wait) wait.to = at
  Object.assign(bar, { to: at, ...end })
}
