import { stepNames, type DeploymentView, type HostRecord, type StepName, type StepRecord } from '@vesemir/contract'
import {
  deploymentStatus,
  describeFailure,
  describeHint,
  describePlan,
  describeHostState,
  describeServers,
  describeStanding,
  describeWarnings,
  formatDateTime,
  formatDuration,
  incompleteRecord,
  quiet,
  stepTones,
  strong,
  timeTaken,
  toned,
  type Text,
} from '@vesemir/words'
import { hostFailureLines, nextStepLines } from './next-steps.ts'
import { table } from './table.ts'

/** Says how a deployment stands: a table of its hosts and their steps, and under it what failed and what to do. */
export function statusLines(view: DeploymentView, options: { nowMs: number; timeZone?: string }): Text[] {
  const { deployment, hosts } = view
  const { id, state } = deployment
  return [
    ...headLines(view, options),
    ...(hosts.length > 0 ? [[], ...hostTable(hosts, options.nowMs)] : []),
    ...hosts.flatMap((host) => hostFailureLines(host, id)),
    ...('failure' in state && state.failure
      ? [[], [toned(describeFailure(state.failure), 'bad')], ...describeHint(state.failure, { id })]
      : []),
    ...nextStepLines(view),
  ]
}

function headLines(
  { deployment, incomplete }: DeploymentView,
  { nowMs, timeZone }: { nowMs: number; timeZone?: string },
): Text[] {
  const { id, spec, createdAt, requestedBy, plan } = deployment
  const reason = spec.reason === undefined ? '' : `: ${spec.reason}`
  return [
    [
      strong(id),
      `  ${spec.application} ${spec.version} to ${spec.environment}  `,
      deploymentStatus(deployment),
      `  ${timeTaken(deployment, nowMs)}`,
    ],
    [quiet(`requested by ${requestedBy} at ${formatDateTime(createdAt, timeZone)}${reason}`)],
    ...(incomplete
      ? [[toned(incompleteRecord, 'bad'), `: ${describeFailure(incomplete)}`], ...describeHint(incomplete, { id })]
      : []),
    ...(plan ? [[quiet(describePlan(plan))], ...describeWarnings(plan.warnings)] : []),
    ...describeStanding(deployment, { timeZone }),
  ]
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
