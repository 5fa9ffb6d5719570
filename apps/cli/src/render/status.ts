import {
  stepNames,
  type Deployment,
  type DeploymentView,
  type HostRecord,
  type QueueHold,
  type StepName,
  type StepRecord,
} from '@vesemir/contract'
import { findStall, isEnded, listTasks } from '@vesemir/core'
import {
  archivedRecord,
  deploymentStatus,
  describeCounts,
  describeFailure,
  describeHint,
  describePeers,
  describePlan,
  describeHostState,
  describeServers,
  describeStall,
  describeStanding,
  describeTaskResult,
  describeRequester,
  describeWarnings,
  failedTask,
  formatDateTime,
  formatDuration,
  incompleteRecord,
  quiet,
  stepTones,
  strong,
  taskMoments,
  taskStatus,
  taskTime,
  timeTaken,
  toned,
  type Text,
} from '@vesemir/words'
import { causeLines } from './causes.ts'
import { changeLines } from './changes.ts'
import { nextStepLines } from './next-steps.ts'
import { table } from './table.ts'

interface StatusOptions {
  nowMs: number
  timeZone?: string
  /** What keeps the deployment's jobs waiting. */
  holds?: readonly QueueHold[]
  /** Show a row for each host, however many there are. */
  showsAllHosts?: boolean
  /** The address of the deployment's page. */
  page?: string
}

/** Up to so many hosts have a row each; of more, those in progress. */
const fewHosts = 12

/** Describes how a deployment stands: what failed and why, then its hosts and their steps, then what to do. */
export function statusLines(view: DeploymentView, options: StatusOptions): Text[] {
  const shown = hostsShown(view, options)
  return [
    ...headLines(view, options),
    ...stallLines(view, options),
    ...peersLines(view, options),
    ...causeLines(view),
    ...taskLines(view, options),
    ...(shown.length > 0 ? [[], ...hostTable(shown, options.nowMs)] : []),
    ...endLines(view, shown.length),
    ...nextStepLines(view),
  ]
}

function stallLines(view: DeploymentView, { nowMs, holds }: StatusOptions): Text[] {
  return describeStall(findStall(view, nowMs), holds).map((text) => [toned(text, 'waiting')])
}

function peersLines({ deployment }: DeploymentView, reader: StatusOptions): Text[] {
  return isEnded(deployment)
    ? []
    : describePeers(deployment, reader).flatMap(({ verdict, figures }) => [verdict, [quiet(figures)]])
}

/** The rows that a table of the hosts has room for: all of a few, else those in progress. */
function hostsShown({ hosts }: DeploymentView, { showsAllHosts = false }: StatusOptions): HostRecord[] {
  if (showsAllHosts || hosts.length <= fewHosts) return hosts
  return hosts.filter(({ state }) => state.status === 'running').slice(0, fewHosts)
}

/** Why a deployment ended, and where the hosts without a row are. What to do about failed hosts is said beside them. */
function endLines({ deployment, hosts }: DeploymentView, shown: number): Text[] {
  const { id, state } = deployment
  const failure = 'failure' in state ? state.failure : undefined
  const hint = failure?.code === 'HOSTS_FAILED' ? [] : describeHint(failure, { id, task: failedTask(deployment) })
  const why = failure ? [[toned(describeFailure(failure), 'bad')], ...hint] : []
  const all = shown < hosts.length ? [[quiet('All hosts: '), toned(`vesemir status ${id} --hosts`, 'command')]] : []
  return why.length + all.length > 0 ? [[], ...why, ...all] : []
}

function headLines(
  { deployment, incomplete, archivedAt }: DeploymentView,
  { nowMs, timeZone, page }: StatusOptions,
): Text[] {
  const { id, spec, createdAt, plan } = deployment
  const reason = spec.reason === undefined ? '' : `: ${spec.reason}`
  return [
    [
      strong(id),
      `  ${spec.application} ${spec.version} to ${spec.environment}  `,
      deploymentStatus(deployment),
      `  ${timeTaken(deployment, nowMs)}`,
    ],
    [quiet(`requested by ${describeRequester(deployment)} at ${formatDateTime(createdAt, timeZone)}${reason}`)],
    ...(page === undefined ? [] : [[quiet(page)]]),
    ...(archivedAt === undefined ? [] : [[archivedRecord]]),
    ...(incomplete
      ? [[toned(incompleteRecord, 'bad'), `: ${describeFailure(incomplete)}`], ...describeHint(incomplete, { id })]
      : []),
    ...(plan?.changes ? changeLines(plan.changes, { version: spec.version, most: mostChanges(deployment) }) : []),
    ...(plan ? [[quiet(describePlan(plan))], ...describeWarnings(plan.warnings)] : []),
    ...(plan && !isEnded(deployment) ? [[describeCounts(deployment)]] : []),
    ...describeStanding(deployment, { timeZone }),
  ]
}

/** Who approves is to see all of it. */
function mostChanges({ state }: Deployment): number {
  return state.status === 'gated' && state.gate.kind === 'approval' ? Infinity : 3
}

/** A row for each task: what is done once per deployment. */
function taskLines({ deployment }: DeploymentView, { nowMs }: StatusOptions): Text[] {
  const tasks = listTasks(deployment)
  if (tasks.length === 0) return []
  const rows = tasks.map((turn): Text[] => [
    [strong(turn.task.name)],
    [taskMoments[turn.task.when]],
    [taskStatus(turn)],
    [taskTime(turn, nowMs)],
    [describeTaskResult(turn)],
  ])
  return [[], ...table(['task', 'when', 'status', 'took', 'result'], rows)]
}

function hostTable(hosts: readonly HostRecord[], nowMs: number): Text[] {
  return table(
    ['host', ...stepNames, 'status', 'traffic'],
    hosts.map((host) => [
      [strong(host.target.name)],
      ...stepNames.map((step) => stepCell(host, { step, nowMs })),
      describeHostState(host.state),
      [trafficOf(host)],
    ]),
  )
}

function stepCell(host: HostRecord, { step, nowMs }: { step: StepName; nowMs: number }): Text {
  const record = host.steps.find((known) => known.step === step)
  if (!record) return [quiet('·')]
  const isCutShort = record.status === 'running' && host.state.status !== 'running'
  return [toned(isCutShort ? '…' : describeStep(record, nowMs), stepTones[record.status])]
}

function describeStep({ status, startedAt, durationMs }: StepRecord, nowMs: number): string {
  switch (status) {
    case 'running':
      return `▶ ${formatDuration(nowMs - Date.parse(startedAt))}`
    case 'succeeded':
      return formatDuration(durationMs ?? 0)
    case 'failed':
      return `✗ ${formatDuration(durationMs ?? 0)}`
    case 'skipped':
      return '-'
  }
}

function trafficOf({ state, seen = [] }: HostRecord): string {
  const shown = describeServers(seen)
  if (state.status === 'pending') return ''
  if (state.status !== 'running') return shown === '' ? state.traffic : `${state.traffic}: ${shown}`
  return [state.waitingFor === undefined ? '' : `waiting for ${state.waitingFor}`, shown].filter(Boolean).join(' · ')
}
