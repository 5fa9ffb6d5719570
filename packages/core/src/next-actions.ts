import type {
  Deployment,
  DeploymentFact,
  EndedState,
  GateSettings,
  GivenCommand,
  HostRecord,
  HostStatus,
  Intent,
  PlannedWave,
  RolloutSettings,
  Task,
} from '@vesemir/contract'
import { durationMs } from '@vesemir/contract'
import { refuseCommand, type Rules } from './access/rules.ts'
import { answerApproval, describeMissingApprovals } from './approvals.ts'
import { endingCommand } from './commands.ts'
import { toFailure, VesemirError } from './errors.ts'
import { hasBegun, interruptedTask, momentsBefore, momentsBeforeEnd, nextTask, type TaskTurn } from './next-task.ts'
import type { EndFact, HostEnded } from './ports/deployment-claim.ts'
import type { HostEnd } from './ports/host-claim.ts'
import type { WalkToStart } from './ports/host-jobs.ts'
import { versionProofLack } from './version-proof.ts'
import { lastWalkOf } from './walk-again.ts'

/** A host that waits for its turn. */
interface Turn {
  host: string
  wave: number
  /** How its last walk ended, where it is to be walked again. */
  last?: HostEnd | undefined
  /** The attempt in which its last walk ended. */
  after: number
  /** Whether that walk left it out of rotation. */
  isOut: boolean
}

/**
 * Where a rollout stands: all that the rules look at. It belongs to one loop, which notes in it what happens: to decide costs
 * the same for a host of five thousand as for one of ten.
 */
export interface RolloutState {
  readonly intent: Intent
  readonly settings: RolloutSettings
  readonly waves: readonly PlannedWave[]
  /** All hosts of the plan. */
  readonly hosts: number
  /** Whether passes of the health check prove the version. */
  readonly isVersionProven: boolean
  /** The most hosts in flight at once on the way back, which knows no waves. */
  readonly concurrency: number
  /** Hosts that were not started, in the order in which they are, from `next` on. */
  readonly waiting: readonly Turn[]
  next: number
  /** The hosts on their way, each with the attempt in which its walk before ended. */
  readonly inFlight: Map<string, number>
  /** The wave whose hosts were started last. */
  wave: number
  readonly ended: Record<HostEnd, number>
  /** Whether a host has failed or was unreachable; on the way back, whether one has on that way. */
  hasFailures: boolean
  /** The hosts whose failure does not count: a person has decided so, or, on the way back, they were out of rotation before. */
  readonly tolerated: ReadonlySet<string>
  /** The other hosts that have failed or were unreachable, in the order in which they did. */
  readonly failed: string[]
  /** Hosts that a retry of others by name passes over: what failed among them, and what had no turn. */
  readonly passedOver: { failed: number; pending: Turn[] }
  /** Whether there is anything that tasks of the way back could undo; they look at it once all hosts are back. */
  readonly hasBegun: boolean
  /** Hosts that are not walked and stand in nobody's way: the inventory has them no more, or a person left them out. */
  readonly apart: { gone: number; excluded: number }
  deployment: Pick<
    Deployment,
    'state' | 'commands' | 'gatesPassed' | 'endedAs' | 'named' | 'spec' | 'requestedBy' | 'tasks'
  >
  /** What no command replaces. */
  readonly rules: Rules
}

/** That hosts are to be walked again, or the way back: all that this is for, or some by name. */
export interface Requeue {
  type: 'requeue'
  intent: Intent
  only?: readonly string[] | undefined
  /** Hosts that are left out for good. */
  without?: readonly string[] | undefined
  by: string
  follows?: number
}

interface End {
  type: 'end'
  fact: EndFact
}

export type RolloutAction =
  | { type: 'start-host'; host: string }
  | { type: 'append'; fact: Exclude<DeploymentFact, EndFact> }
  | End
  /** Something that is done once per deployment; no host is in progress meanwhile. */
  | { type: 'run-task'; task: Task }
  /** Which hosts these are, the record and the boxes say. */
  | Requeue
  | { type: 'wait'; untilMs: number }

/**
 * The rollout's rules, all of them: what is to be done now. In each wave a window of hosts slides; a wave begins when the
 * one before has ended and its gates are passed; too many failures, and commands, stop what is not started. Nothing to be
 * done means to wait for news.
 */
export function nextActions(state: RolloutState, nowMs: number): RolloutAction[] {
  const { inFlight, deployment } = state
  const ending = endingCommand(deployment.commands)
  const interrupted = interruptedTask(deployment)
  if (interrupted && (ending || !interrupted.task.repeatable)) return [endInterrupted(interrupted, nowMs)]
  if (ending) return inFlight.size > 0 ? [] : [obeyEnding(state, ending)]
  const [given] = deployment.commands
  if (given) return [refuseByRules(state, given, nowMs) ?? obey(state, given)]
  if (deployment.endedAs) return [{ type: 'end', fact: endAgain(deployment.endedAs) }]
  if (deployment.state.status === 'paused') return []
  if (deployment.state.status === 'gated') return [passGate(state, deployment.state.gate, nowMs)]
  if (isOverBudget(state)) return inFlight.size > 0 ? [] : [answerFailures(state, nowMs)]
  return goOn(state, nowMs)
}

/** Reads the state from the record: a coordinator that is run again carries on. `hosts` are in the order of the plan. */
export function rolloutOf(deployment: Deployment, hosts: readonly HostRecord[], rules: Rules): RolloutState {
  const { intent, spec, plan } = deployment
  const ended: Record<HostEnd, number> = { succeeded: 0, failed: 0, unreachable: 0, skipped: 0, 'rolled-back': 0 }
  const waiting: Turn[] = []
  const tolerated = new Set(
    intent === 'deploy' ? deployment.toleratedFailures : hosts.filter(wasOut).map(({ target }) => target.name),
  )
  const failed: string[] = []
  const isPassedOver = passedOverBy(deployment.named)
  const passedOver: RolloutState['passedOver'] = { failed: 0, pending: [] }
  const apart = { gone: 0, excluded: 0 }
  const excluded = new Set(deployment.excluded)
  let hasFailures = false
  const inFlight = new Map<string, number>()
  let wave = 0
  for (const host of hosts) {
    const { target, state } = host
    const whyApart = excluded.has(target.name) ? 'excluded' : host.gone && 'gone'
    if (whyApart && state.status !== 'running' && state.status !== 'succeeded') {
      apart[whyApart] += 1
      continue
    }
    if (state.status === 'pending') {
      if (isPassedOver(host)) passedOver.pending.push(turnOf(host))
      else if (host.intent === intent) waiting.push(turnOf(host))
      continue
    }
    if (state.status === 'running') inFlight.set(target.name, lastWalkOf(host))
    else ended[state.status] += 1
    if (hasFailed(state.status) && host.intent === intent) {
      hasFailures = true
      if (isPassedOver(host)) passedOver.failed += 1
      else if (!tolerated.has(target.name) && !('failure' in state && hasNoWayBack(state))) failed.push(target.name)
    }
    wave = Math.max(wave, host.wave)
  }
  waiting.sort((a, b) => compareTurns(a, b, intent))
  const { waves, concurrency } = plan!
  return {
    intent,
    settings: spec.rollout,
    waves,
    hosts: waves.reduce((total, wave) => total + wave.hosts, 0),
    isVersionProven: versionProofLack(spec.healthCheck) === undefined,
    concurrency,
    waiting,
    next: 0,
    inFlight,
    wave,
    ended,
    hasFailures,
    tolerated,
    failed,
    passedOver,
    hasBegun: hasBegun(deployment, hosts),
    apart,
    deployment,
    rules,
  }
}

function turnOf(host: HostRecord): Turn {
  const { target, wave, history } = host
  return { host: target.name, wave, last: history?.at(-1)?.status, after: lastWalkOf(host), isOut: wasOut(host) }
}

/** Whether the host's last walk left it out of rotation, as far as it knew. */
function wasOut({ history }: HostRecord): boolean {
  const traffic = history?.at(-1)?.traffic
  return traffic !== undefined && traffic !== 'restored' && traffic !== 'untouched'
}

/**
 * Hosts that are out of rotation come first, of each wave or, on the way back, of all: to walk them costs no capacity, and the
 * others may have to wait for them.
 */
function compareTurns(a: Turn, b: Turn, intent: Intent): number {
  const byWave = intent === 'rollback' ? 0 : a.wave - b.wave
  return byWave || Number(b.isOut) - Number(a.isOut)
}

function passedOverBy(named: Deployment['named']): (host: HostRecord) => boolean {
  if (!named) return () => false
  const hosts = new Set(named.hosts)
  return ({ target }) => !hosts.has(target.name)
}

/** Notes that the next host is started, and returns the walk that its job is for. */
export function noteStarted(state: RolloutState): WalkToStart {
  const { host, wave, after } = state.waiting[state.next]!
  state.next += 1
  state.wave = wave
  state.inFlight.set(host, after)
  return { host, after, successor: successorOf(state) }
}

/** The host that takes the place of the one that was started last, when all goes well. */
function successorOf({ waiting, next, waves, wave }: RolloutState): string | undefined {
  const successor = waiting[next - 1 + waves[wave - 1]!.concurrency]
  return successor?.wave === wave ? successor.host : undefined
}

/** Notes that a host has ended. One that is not in flight changes nothing: events may be read twice. */
export function noteEnded(state: RolloutState, end: HostEnded): void {
  const { host, outcome } = end
  if (!state.inFlight.delete(host)) return
  state.ended[outcome] += 1
  if (!hasFailed(outcome)) return
  state.hasFailures = true
  if (!state.tolerated.has(host) && !hasNoWayBack(end)) state.failed.push(host)
}

/** Whether a host was refused before anything was done to it, since it ran nothing before: that keeps no other host from going back. */
function hasNoWayBack({ failure, traffic }: Pick<HostEnded, 'failure' | 'traffic'>): boolean {
  return failure?.code === 'ROLLBACK_UNAVAILABLE' && traffic === 'untouched'
}

function hasFailed(status: HostStatus): boolean {
  return status === 'failed' || status === 'unreachable'
}

function obeyEnding(state: RolloutState, { seq: follows, command, by }: GivenCommand): RolloutAction {
  if (command.command === 'rollback') return { type: 'requeue', intent: 'rollback', by, follows }
  const { endedAs } = state.deployment
  if (endedAs) return { type: 'end', fact: { ...endAgain(endedAs), follows } }
  const why = command.reason === undefined ? '' : `: ${command.reason}`
  const outcome = command.command === 'cancel' ? 'cancelled' : 'failed'
  const failure =
    command.command === 'cancel'
      ? new VesemirError('CANCELLED', `cancelled by ${by}${why}; ${describeHosts(state)}`)
      : new VesemirError('GATE_REJECTED', `rejected by ${by}${why}; ${describeHosts(state)}`)
  return { type: 'end', fact: { type: 'deployment.ended', outcome, failure: toFailure(failure), follows } }
}

/** Ends a deployment as it had ended before a command was given that came to nothing. */
export function endAgain(endedAs: EndedState): EndFact {
  const { status: outcome, endedAt: _endedAt, ...why } = endedAs
  return { type: 'deployment.ended', outcome, ...why }
}

function refuseByRules(state: RolloutState, given: GivenCommand, nowMs: number): RolloutAction | undefined {
  try {
    refuseCommand(given, { ...state, nowMs })
    return undefined
  } catch (error) {
    const { by, seq: follows } = given
    return { type: 'append', fact: { type: 'command.refused', failure: toFailure(error), by, follows } }
  }
}

function obey(state: RolloutState, { seq: follows, command, by }: GivenCommand): RolloutAction {
  switch (command.command) {
    case 'approve':
      return { type: 'append', fact: answerApproval({ by, follows }, state.deployment) }
    case 'pause':
      return { type: 'append', fact: { type: 'deployment.paused', by, follows } }
    case 'retry':
      return { type: 'requeue', intent: 'deploy', only: command.hosts, without: command.without, by, follows }
    case 'resume':
    case 'skip':
    case 'reject':
    case 'cancel':
    case 'rollback':
      return { type: 'append', fact: { type: 'deployment.resumed', by, follows } }
  }
}

type Gated = Extract<Deployment['state'], { status: 'gated' }>['gate']

function passGate(state: RolloutState, gate: Gated, nowMs: number): RolloutAction {
  const untilMs = Date.parse(gate.until)
  if (nowMs < untilMs) return { type: 'wait', untilMs }
  switch (gate.kind) {
    case 'pause':
      return { type: 'append', fact: { type: 'deployment.resumed' } }
    case 'approval':
      return endFailed(state, 'GATE_TIMED_OUT', describeMissingApprovals(gate))
    case 'failure':
      if (gate.otherwise === 'skip') return { type: 'append', fact: { type: 'deployment.resumed' } }
      return gate.otherwise === 'rollback' ? rollBack : endFailed(state, 'HOSTS_FAILED', 'no decision in time')
  }
}

const rollBack: RolloutAction = { type: 'requeue', intent: 'rollback', by: 'onFailure' }

/** On the way back failures count from the turn. */
function isOverBudget({ failed, settings, hosts }: RolloutState): boolean {
  const { maxFailures } = settings
  if (typeof maxFailures === 'number') return failed.length > maxFailures
  return failed.length * 100 > hosts * Number.parseInt(maxFailures, 10)
}

function answerFailures(state: RolloutState, nowMs: number): RolloutAction {
  if (state.intent === 'rollback') return endFailed(state, 'HOSTS_FAILED', notAllBack)
  const { onFailure, askTimeout, askDefault: otherwise } = state.settings
  switch (onFailure) {
    case 'stop':
      return endFailed(state, 'HOSTS_FAILED')
    case 'rollback':
      return rollBack
    case 'ask': {
      const gate: Gated = {
        kind: 'failure',
        hosts: [...state.failed],
        until: timestamp(nowMs + durationMs(askTimeout)),
        otherwise,
      }
      return { type: 'append', fact: { type: 'deployment.gated', gate } }
    }
  }
}

function goOn(state: RolloutState, nowMs: number): RolloutAction[] {
  const { waiting, next, inFlight, intent } = state
  const turn = waiting[next]
  if (!turn) return inFlight.size > 0 ? [] : [afterAll(state)]
  if (intent === 'rollback') return startHosts(state, { until: () => true, concurrency: state.concurrency })
  const isNextWave = turn.wave > state.wave
  if (isNextWave && inFlight.size > 0) return []
  const gate = isNextWave ? gateBefore(state, turn.wave) : undefined
  // Nothing is done before the first gate is passed; whoever decides at a later one sees what the tasks before it came to.
  const task =
    gate?.afterWave === 0 ? undefined : nextTask(momentsBefore(turn.wave, state.deployment.spec), state.deployment)
  if (task) return inFlight.size > 0 ? [] : [takeTask(state, task)]
  if (gate) return [{ type: 'append', fact: { type: 'deployment.gated', gate: toGate(gate, nowMs) } }]
  const { concurrency } = state.waves[turn.wave - 1]!
  return startHosts(state, { until: ({ wave }) => wave === turn.wave, concurrency })
}

function startHosts(
  { waiting, next, inFlight }: RolloutState,
  { until, concurrency }: { until: (turn: Turn) => boolean; concurrency: number },
): RolloutAction[] {
  const window = waiting.slice(next, next + Math.max(0, concurrency - inFlight.size))
  const end = window.findIndex((turn) => !until(turn))
  return window.slice(0, end === -1 ? undefined : end).map(({ host }) => ({ type: 'start-host', host }))
}

/**
 * The first gate that lies between what has ended and this wave. Of several after the same wave the one that takes the most
 * approvals stands for all: they are passed together.
 */
function gateBefore({ settings, deployment }: RolloutState, wave: number): GateSettings | undefined {
  return settings.gates
    .filter(({ afterWave }) => afterWave > deployment.gatesPassed && afterWave < wave)
    .toSorted((a, b) => a.afterWave - b.afterWave || approvalsOf(b) - approvalsOf(a))[0]
}

function approvalsOf({ wait, approvals }: GateSettings): number {
  return wait === 'approval' ? approvals : 0
}

function toGate({ afterWave, wait, timeout, approvals }: GateSettings, nowMs: number): Gated {
  if (wait === 'approval')
    return {
      kind: 'approval',
      afterWave,
      until: timestamp(nowMs + durationMs(timeout)),
      ...(approvals > 1 ? { approvals } : {}),
    }
  return { kind: 'pause', afterWave, until: timestamp(nowMs + durationMs(wait)) }
}

/** A retry of hosts by name, in the middle of a rollout, is over: that goes on with all. */
function afterAll(state: RolloutState): RolloutAction {
  const { deployment, intent } = state
  const { named } = deployment
  if (named && !named.endsAfter) return { type: 'append', fact: { type: 'deployment.resumed' } }
  const end = endOf(state)
  if (end.fact.outcome === 'failed') return end
  const task = nextTask(momentsBeforeEnd(deployment.spec, intent), deployment)
  if (!task) return end
  return intent === 'rollback' && !state.hasBegun ? endRolledBack(state, task) : takeTask(state, task)
}

/** Runs a task, unless it has failed: that ends the deployment, or turns it back where that is set and hosts are still to come. */
function takeTask(state: RolloutState, { task, record }: TaskTurn): RolloutAction {
  if (record?.status !== 'failed') return { type: 'run-task', task }
  if (task.when === 'between' && state.settings.onFailure === 'rollback') return rollBack
  const why = record.failure?.message ?? 'no reason recorded'
  const code = record.failure?.code === 'TASK_INTERRUPTED' ? 'TASK_INTERRUPTED' : 'TASK_FAILED'
  return endFailed(state, code, `task ${task.name} failed: ${why}${isUntouched(state) ? '; no host was drained' : ''}`)
}

function isUntouched({ ended, waiting, inFlight, passedOver }: RolloutState): boolean {
  const turns = [...waiting, ...passedOver.pending]
  return (
    inFlight.size === 0 &&
    Object.values(ended).every((count) => count === 0) &&
    turns.every(({ last }) => last === undefined)
  )
}

/** What may have been done is not done again, unless the settings say that it may be. */
function endInterrupted(
  { task: { name }, record }: NonNullable<ReturnType<typeof interruptedTask>>,
  nowMs: number,
): RolloutAction {
  const message = `a worker was lost in the middle of task ${name}, which may have been done`
  const failure = toFailure(new VesemirError('TASK_INTERRUPTED', message))
  const tookMs = Math.max(0, nowMs - Date.parse(record.startedAt))
  return { type: 'append', fact: { type: 'task.ended', task: name, outcome: 'failed', durationMs: tookMs, failure } }
}

const notAllBack = 'some hosts could not be rolled back'

function endOf(state: RolloutState): End {
  const { intent, ended, hasFailures, apart } = state
  if (intent === 'rollback') {
    if (hasFailures) return endFailed(state, 'HOSTS_FAILED', notAllBack)
    return endRolledBack(state)
  }
  const { passedOver } = state
  if (passedOver.failed + passedOver.pending.length > 0)
    return endFailed(state, 'HOSTS_FAILED', 'some hosts that the command did not name are not deployed')
  if (ended.succeeded === 0 && ended.skipped > 0) return endFailed(state, 'HOSTS_FAILED')
  const notes = [
    ...(hasFailures || ended.skipped + apart.gone + apart.excluded > 0 ? [describeHosts(state)] : []),
    ...(state.isVersionProven ? [] : ['version not proven']),
  ]
  const note = notes.length > 0 ? { note: notes.join('; ') } : {}
  return { type: 'end', fact: { type: 'deployment.ended', outcome: 'succeeded', ...note } }
}

/** Of the tasks that have no place, since nothing had begun that they could undo, the first stands for all. */
function endRolledBack(state: RolloutState, needless?: TaskTurn): End {
  const why = needless && `${needless.task.name} did not run, since no task and no host had begun`
  const failure = toFailure(new VesemirError('ROLLED_BACK', [why, describeHosts(state)].filter(Boolean).join('; ')))
  return { type: 'end', fact: { type: 'deployment.ended', outcome: 'rolled-back', failure } }
}

type EndCode = 'HOSTS_FAILED' | 'GATE_TIMED_OUT' | 'TASK_FAILED' | 'TASK_INTERRUPTED'

function endFailed(state: RolloutState, code: EndCode, why?: string): End {
  const message = [why, describeHosts(state)].filter(Boolean).join('; ')
  const failure = toFailure(new VesemirError(code, message))
  return { type: 'end', fact: { type: 'deployment.ended', outcome: 'failed', failure } }
}

/** Says how the hosts ended: `hosts: 1 failed, 2 not started, 3 succeeded`. */
function describeHosts({ waiting, next, ended, passedOver, apart }: RolloutState): string {
  const unstarted = [...waiting.slice(next), ...passedOver.pending]
  // What was to be walked again stays as its last walk left it.
  const of = (outcome: HostEnd) => ended[outcome] + unstarted.filter(({ last }) => last === outcome).length
  const parts = [
    [of('failed'), 'failed'],
    [of('unreachable'), 'unreachable'],
    [of('skipped'), 'skipped'],
    [of('rolled-back'), 'rolled back'],
    [unstarted.filter(({ last }) => last === undefined).length, 'not started'],
    [apart.gone, 'gone from the inventory'],
    [apart.excluded, 'excluded'],
  ] as const
  return `hosts: ${[...parts.filter(([count]) => count > 0), [of('succeeded'), 'succeeded']].map((part) => part.join(' ')).join(', ')}`
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString()
}
