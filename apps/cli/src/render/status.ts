import { stepNames, type DeploymentView, type HostRecord, type StepName, type StepRecord } from '@vesemir/contract'
import { lacksVersionProof } from '@vesemir/core'
import { describeFailure, hintLines } from './failure.ts'
import { hostFailureLines, nextStepLines } from './next-steps.ts'
import { describePlan, warningLines } from './plan.ts'
import { describeServers } from './servers.ts'
import { standingLines } from './standing.ts'
import { table } from './table.ts'
import { bold, colourOf, dim, painted, type Line } from './text.ts'
import { dayAndTime, formatDuration, timeTaken } from './time.ts'

/** Says how a deployment stands: a table of its hosts and their steps, and under it what failed and what to do. */
export function statusLines(view: DeploymentView, options: { nowMs: number; timeZone?: string }): Line[] {
  const { deployment, hosts } = view
  const { id, state } = deployment
  return [
    ...headLines(view, options),
    ...(hosts.length > 0 ? [[], ...hostTable(hosts, options.nowMs)] : []),
    ...hosts.flatMap((host) => hostFailureLines(host, id)),
    ...('failure' in state && state.failure
      ? [[], [painted(describeFailure(state.failure), 'red')], ...hintLines(state.failure, { id })]
      : []),
    ...nextStepLines(view),
  ]
}

function headLines({ deployment }: DeploymentView, { nowMs, timeZone }: { nowMs: number; timeZone?: string }): Line[] {
  const { id, spec, state, createdAt, requestedBy, plan } = deployment
  const reason = spec.reason === undefined ? '' : `: ${spec.reason}`
  return [
    [
      bold(id),
      `  ${spec.application} ${spec.version} to ${spec.environment}  `,
      painted(state.status, colourOf(state.status)),
      `  ${timeTaken(deployment, nowMs)}`,
    ],
    [dim(`asked for by ${requestedBy} at ${dayAndTime(createdAt, timeZone)}${reason}`)],
    ...(plan ? [[dim(describePlan(plan))], ...warningLines(plan.warnings)] : []),
    ...standingLines(deployment, nowMs),
  ]
}

function hostTable(hosts: readonly HostRecord[], nowMs: number): Line[] {
  return table(
    ['host', ...stepNames, 'status', 'traffic'],
    hosts.map((host) => [
      [bold(host.target.name)],
      ...stepNames.map((step) => stepCell(host, { step, nowMs })),
      statusOf(host.state),
      [trafficOf(host)],
    ]),
  )
}

function statusOf(state: HostRecord['state']): Line {
  const proof = lacksVersionProof(state) ? [painted(', version not proven', 'yellow')] : []
  return [painted(state.status, colourOf(state.status)), ...proof]
}

function stepCell(host: HostRecord, { step, nowMs }: { step: StepName; nowMs: number }): Line {
  const record = host.steps.find((known) => known.step === step)
  if (!record) return [dim('·')]
  const isCutShort = record.status === 'running' && host.state.status !== 'running'
  return [painted(isCutShort ? '…' : describeStep(record, nowMs), colourOf(record.status))]
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
  return [state.waitingFor === undefined ? '' : `waits for ${state.waitingFor}`, shown].filter(Boolean).join(' · ')
}
