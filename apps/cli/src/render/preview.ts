import type {
  BackendCapacity,
  Plan,
  PlannedHost,
  PlannedWave,
  PlanPreview,
  ServerRef,
  ServerState,
} from '@vesemir/contract'
import { describeBytes, isLowCapacity } from '@vesemir/core'
import {
  count,
  describePlan,
  describeWarnings,
  formatDuration,
  quiet,
  serverStatus,
  strong,
  taskMoments,
  toned,
  type Text,
} from '@vesemir/words'
import { changeLines } from './changes.ts'
import { table } from './table.ts'

interface Request {
  application: string
  environment: string
  version: string
}

/** Shows a plan before anything is done: hosts by wave with their servers as they are now, steps, time and warnings. */
export function previewLines(preview: PlanPreview, { application, environment, version }: Request): Text[] {
  const { plan, servers, steps, estimateSeconds } = preview
  return [
    [strong(`${application} ${version}`), ` to ${environment}`],
    ...(plan.changes ? changeLines(plan.changes, { version }) : []),
    [quiet(describePlan({ ...plan, hosts: plan.hosts.length }))],
    ...releaseLines(plan),
    ...(estimateSeconds === undefined
      ? []
      : [[quiet(`estimated duration ${formatDuration(estimateSeconds * 1000)}, from earlier deployments`)]]),
    [],
    ...hostTable(plan, servers),
    [],
    ...capacityLines(plan.capacity ?? []),
    ...table(
      ['step', 'what it does on each host'],
      steps.map(({ step, does }) => [[toned(step, 'command')], [does]]),
    ),
    ...taskLines(preview),
    ...(plan.warnings.length > 0 ? [[], ...describeWarnings(plan.warnings)] : []),
    ...(preview.needsYes ? [[], yesLine] : []),
  ]
}

function taskLines({ tasks = [] }: PlanPreview): Text[] {
  if (tasks.length === 0) return []
  const rows = tasks.map(({ task, when, does }): Text[] => [[toned(task, 'command')], [taskMoments[when]], [does]])
  return [[], ...table(['task', 'when', 'what it does once'], rows)]
}

const yesLine: Text = [
  toned('needs --yes: ', 'bad'),
  'less than half of a backend would stay in service. Without it, the deployment fails with CAPACITY_LOW before any drain',
]

/** One row for each backend on each box: how few of its servers will have to carry the load. */
function capacityLines(capacity: readonly BackendCapacity[]): Text[] {
  if (capacity.length === 0) return []
  const rows = capacity.map(({ box, backend, inService, least, sessions, sessionsPerSecond, sessionLimit }): Text[] => [
    [box],
    [backend],
    [String(inService)],
    [isLowCapacity({ inService, least }) ? toned(String(least), 'bad') : String(least)],
    [String(sessions)],
    [String(sessionsPerSecond)],
    [sessionLimit === undefined ? quiet('none') : String(sessionLimit)],
  ])
  const head = ['box', 'backend', 'in service', 'minimum', 'sessions', 'per second', 'limit at minimum']
  return [...table(head, rows), []]
}

function releaseLines({ release }: Plan): Text[] {
  switch (release.strategy) {
    case 'artifact': {
      const { url, bytes, sha256 } = release
      return [[quiet(`artifact ${url}, ${describeBytes(bytes)}, sha256 ${sha256.slice(0, 12)}…`)]]
    }
    case 'git':
      return [[quiet(`commit ${release.commit.slice(0, 12)} of ${release.repository}`)]]
    case 'command':
      return []
  }
}

/** One row for each server of each host; what a row has in common with the one above is not said again. */
function hostTable({ hosts, waves }: Plan, servers: readonly ServerState[]): Text[] {
  const rows = waves.flatMap((wave, index) =>
    hosts
      .filter((host) => host.wave === index + 1)
      .flatMap((host, place) => hostRows(host, { servers, wave: place === 0 ? describeWave(wave, index + 1) : '' })),
  )
  return table(['wave', 'host', 'address', 'zone', 'box', 'backend', 'server', 'now', 'weight', 'sessions'], rows)
}

function describeWave({ hosts, concurrency }: PlannedWave, number: number): string {
  return `${number}: ${count(hosts, 'host')}, ${concurrency} at a time`
}

function hostRows(
  { target, servers }: PlannedHost,
  { servers: states, wave }: { servers: readonly ServerState[]; wave: string },
): Text[][] {
  const head: Text[] = [[wave], [strong(target.name)], [target.address], [target.zone ?? '']]
  const blank: Text[] = [[], [], [], []]
  if (servers.length === 0) return [[...head, [], [quiet('none')]]]
  return servers.map((server, index) => [...(index === 0 ? head : blank), ...serverCells(server, states)])
}

function serverCells({ box, backend, server }: ServerRef, states: readonly ServerState[]): Text[] {
  const state = states.find((known) => known.box === box && known.backend === backend && known.server === server)
  const place: Text[] = [[box], [backend], [server]]
  if (!state) return [...place, [toned('unknown', 'waiting')]]
  const { weight, initialWeight, sessions } = state
  const share = weight === initialWeight ? String(weight) : `${weight} of ${initialWeight}`
  return [...place, [serverStatus(state)], [share], [String(sessions)]]
}
