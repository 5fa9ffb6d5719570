import { stepNames, type DeploymentView, type HostRecord, type QueueHold } from '@vesemir/contract'
import { findFailureCauses, findStall, lacksVersionProof, listTasks } from '@vesemir/core'
import {
  count,
  deploymentStatus,
  describeCause,
  describeServers,
  describeStall,
  describeStanding,
  describeTaskResult,
  describeWait,
  formatDuration,
  hostStatuses,
  quiet,
  strong,
  taskStatus,
  taskTime,
  timeTaken,
  toned,
  type Text,
} from '@vesemir/words'

interface RegionOptions {
  nowMs: number
  rows: number
  /** What keeps the deployment's jobs waiting. */
  holds?: readonly QueueHold[]
  timeZone?: string | undefined
}

/** Draws where a deployment is now: its hosts, as many as there is room for, and the progress of all. */
export function liveRegion(view: DeploymentView, { nowMs, rows, holds, timeZone }: RegionOptions): Text[] {
  const told = describeStanding(view.deployment, { timeZone })
  // On a low terminal the hosts come first.
  const stalls = describeStall(findStall(view, nowMs), holds).slice(0, Math.max(0, rows - 5 - told.length))
  const standing = [...stalls.map((text): Text => [toned(text, 'waiting')]), ...told, ...taskLines(view, nowMs)]
  const room = rows - 3 - standing.length
  const causes = view.hosts.length > room ? causeSummaries(view.hosts) : []
  const shown = mostTelling(view.hosts, room - causes.length)
  const width = Math.max(0, ...shown.map(({ target }) => target.name.length))
  const left = view.hosts.length - shown.length
  return [
    [],
    ...causes,
    ...shown.map((host) => hostLine(host, { nowMs, width })),
    ...(left > 0 ? [[quiet(`  and ${left} more`)]] : []),
    progressLine(view, nowMs),
    ...standing,
  ]
}

/** The tasks that have started and are not done. */
function taskLines({ deployment }: DeploymentView, nowMs: number): Text[] {
  const open = listTasks(deployment).filter(({ record }) => record && record.status !== 'succeeded')
  return open.map((turn): Text => {
    const { text, tone } = taskStatus(turn)
    const result = describeTaskResult(turn)
    return [
      `task ${turn.task.name} `,
      toned(text, tone),
      ` ${taskTime(turn, nowMs)}`,
      ...(result === '' ? [] : [`  ${result}`]),
    ]
  })
}

const mostCauses = 3

/** A line for each cause of failure, three at most: where there is no room for all hosts, those in flight would push them out. */
function causeSummaries(hosts: readonly HostRecord[]): Text[] {
  const causes = findFailureCauses(hosts).filter(({ isBeingRetried }) => !isBeingRetried)
  const shown = causes.slice(0, causes.length > mostCauses ? mostCauses - 1 : mostCauses)
  const left = causes.length - shown.length
  return [
    ...shown.map((cause): Text => [toned('✗ ', 'bad'), ...describeCause(cause), `: ${cause.sample.failure.message}`]),
    ...(left > 0 ? [[toned('✗ ', 'bad'), `${count(left, 'more cause')} of failure`]] : []),
  ]
}

const urgency: Record<HostRecord['state']['status'], number> = {
  running: 0,
  failed: 1,
  unreachable: 1,
  skipped: 2,
  'rolled-back': 2,
  succeeded: 3,
  pending: 4,
}

/** Hosts in flight before failed ones before the rest, and of those that succeeded the latest; shown in the plan's order. */
function mostTelling(hosts: readonly HostRecord[], most: number): HostRecord[] {
  if (hosts.length <= most) return [...hosts]
  const telling = [...hosts].sort(
    (a, b) => urgency[a.state.status] - urgency[b.state.status] || endedAt(b).localeCompare(endedAt(a)),
  )
  const chosen = new Set(telling.slice(0, Math.max(1, most - 1)))
  return hosts.filter((host) => chosen.has(host))
}

function endedAt({ state }: HostRecord): string {
  return 'endedAt' in state ? state.endedAt : ''
}

const signs = {
  pending: '·',
  running: '▶',
  succeeded: '✓',
  failed: '✗',
  unreachable: '✗',
  skipped: '-',
  'rolled-back': '↩',
} as const

const placeWidth = '9/9 restore'.length

function hostLine(host: HostRecord, { nowMs, width }: { nowMs: number; width: number }): Text {
  const { state, target } = host
  const { text, tone } = hostStatuses[state.status]
  const name: Text = [toned(`${signs[state.status]} `, tone), strong(target.name.padEnd(width)), '  ']
  switch (state.status) {
    case 'pending':
      return [...name, quiet(text)]
    case 'running': {
      const place = `${stepNames.indexOf(state.step) + 1}/${stepNames.length} ${state.step}`.padEnd(placeWidth)
      const took = formatDuration(nowMs - Date.parse(state.since)).padStart(6)
      const waiting: Text = state.waitingFor === undefined ? [] : ['  ', ...describeWait(state.waitingFor)]
      return [...name, toned(place, tone), ' ', took, ...waiting, ...serversOf(host)]
    }
    case 'succeeded':
    case 'failed':
    case 'unreachable':
    case 'skipped':
    case 'rolled-back': {
      const why = 'failure' in state && state.failure ? ['  ', state.failure.message] : []
      const proof = lacksVersionProof(state) ? ['  ', toned('version not proven', 'waiting')] : []
      const status = toned(text.padEnd(placeWidth), tone)
      return [...name, status, ' ', tookOf(host), ...proof, ...serversOf(host), ...why]
    }
  }
  return name
}

function serversOf({ seen }: HostRecord): Text {
  return seen && seen.length > 0 ? ['  ', quiet(describeServers(seen))] : []
}

function tookOf({ state, steps }: HostRecord): string {
  const startedAt = steps[0]?.startedAt
  if (!('endedAt' in state) || startedAt === undefined) return ''
  return formatDuration(Date.parse(state.endedAt) - Date.parse(startedAt)).padStart(6)
}

function progressLine({ deployment, hosts }: DeploymentView, nowMs: number): Text {
  const { id, spec, counts } = deployment
  const { running, failed, unreachable, skipped } = counts
  const parts = [
    ...(failed + unreachable > 0 ? [toned(`${failed + unreachable} failed`, 'bad')] : []),
    ...waveOf({ deployment, hosts }),
    ...(hosts.length > 0 ? [`${counts.succeeded}/${hosts.length} hosts`] : []),
    ...(running > 0 ? [`${running} running`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(counts['rolled-back'] > 0 ? [`${counts['rolled-back']} rolled back`] : []),
    timeTaken(deployment, nowMs),
  ]
  const what = ` ${spec.application} ${spec.version} to ${spec.environment}`
  const counted = parts.flatMap((part, index) => (index === 0 ? [part] : [', ', part]))
  return [strong(id), what, '  ', deploymentStatus(deployment), '  ', ...counted]
}

/** A rollback has no waves. */
function waveOf({ deployment: { plan, intent }, hosts }: Pick<DeploymentView, 'deployment' | 'hosts'>): string[] {
  const open = hosts.filter(({ state }) => !('endedAt' in state))
  if (!plan || plan.waves.length < 2 || intent === 'rollback' || open.length === 0) return []
  return [`wave ${Math.min(...open.map(({ wave }) => wave))}/${plan.waves.length}`]
}
