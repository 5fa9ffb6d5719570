import { stepNames, type Deployment, type PeersSum, type StepName } from '@vesemir/contract'
import {
  endOf,
  laneGroups,
  momentAt,
  timeScale,
  type BackendOverTime,
  type HostLane,
  type Lasting,
  type Phase,
  type StepBar,
  type TaskBar,
  type Timeline,
} from '@vesemir/core'
import {
  barTones,
  deploymentStatus,
  describeCapacity,
  describeLane,
  describePhase,
  formatTime,
  phaseTones,
  quiet,
  strong,
  timeTaken,
  toned,
  type Text,
  type Tone,
} from '@vesemir/words'
import { peersLines } from './peers.ts'
import { sparkline } from './statistics.ts'

interface TimelineOptions {
  nowMs: number
  columns: number
  timeZone?: string
}

interface Shown {
  deployment: Deployment
  timeline: Timeline
  capacity: readonly BackendOverTime[]
  /** What each set of updated hosts did. */
  peers: readonly PeersSum[]
}

/** A character for each step; capitals where two begin alike. */
const letters: Readonly<Record<StepName, string>> = {
  connect: 'c',
  guard: 'g',
  drain: 'd',
  deploy: 'D',
  restart: 'r',
  verify: 'v',
  enable: 'e',
  soak: 's',
  restore: 'R',
}

const phaseLetters: Readonly<Record<Phase['status'], string>> = {
  queued: '.',
  planning: 'p',
  running: '-',
  paused: '.',
  gated: '.',
}

/** Shows a deployment over time: a line for each host with a character for each moment, what it waited for, and its capacity. */
export function timelineLines(shown: Shown, options: TimelineOptions): Text[] {
  const { deployment, timeline, capacity, peers } = shown
  const axis = axisOf(timeline, options)
  const { id, spec } = deployment
  const waits = timeline.phases.filter(isNotable)
  return [
    [
      strong(id),
      `  ${spec.application} ${spec.version} to ${spec.environment}  `,
      deploymentStatus(deployment),
      `  ${timeTaken(deployment, options.nowMs)}`,
    ],
    ...waits.map((phase): Text => [quiet(describePhase(phase, options))]),
    [],
    timeLine(axis, options),
    line('deployment', axis, (moment) => phaseCell(timeline.phases, moment)),
    ...tasksOf(timeline.tasks).map(([task, bars]) => line(`task ${task}`, axis, (moment) => taskCell(bars, moment))),
    ...hostLines(timeline, axis),
    ...capacity.map((backend) => capacityLine(backend, axis)),
    [],
    ...hostReasons(timeline),
    ...capacity.map(describeCapacity),
    ...peersLines(peers, { spec, timeZone: options.timeZone }),
    ...legend(axis),
  ]
}

/** To wait for a worker goes without saying. */
function isNotable({ status, state }: Phase): boolean {
  return phaseTones[status] === 'waiting' && !(state.status === 'queued' && state.waitingFor === undefined)
}

/** The moments of a line's characters, each from one time to another. */
interface Axis {
  nameColumns: number
  moments: readonly Moment[]
  isShortened: boolean
}

interface Moment {
  fromMs: number
  toMs: number
}

const widestName = 22

function axisOf(timeline: Timeline, { nowMs, columns }: TimelineOptions): Axis {
  const scale = timeScale(timeline, nowMs)
  const names = [
    'deployment',
    ...timeline.hosts.map(({ host }) => host),
    ...timeline.tasks.map(({ task }) => `task ${task}`),
  ]
  const nameColumns = Math.min(widestName, Math.max(...names.map((name) => name.length))) + 2
  const cells = Math.max(10, columns - nameColumns)
  return {
    nameColumns,
    moments: Array.from({ length: cells }, (_, cell) => ({
      fromMs: momentAt(scale, cell / cells),
      toMs: momentAt(scale, (cell + 1) / cells),
    })),
    isShortened: scale.some(({ isShortened }) => isShortened),
  }
}

interface Cell {
  text: string
  tone: Tone | undefined
}

const nothing: Cell = { text: ' ', tone: undefined }

/** Cells of one tone that stand together are one part. */
function line(name: string, { moments, nameColumns }: Axis, cellAt: (moment: Moment) => Cell): Text {
  const cells = moments.map(cellAt)
  const starts = cells.flatMap(({ tone }, index) => (index === 0 || tone !== cells[index - 1]!.tone ? [index] : []))
  const parts = starts.map((start, index) => {
    const text = cells
      .slice(start, starts[index + 1])
      .map((cell) => cell.text)
      .join('')
    const { tone } = cells[start]!
    return tone === undefined ? text : toned(text, tone)
  })
  return [inColumn(name, nameColumns), ...parts]
}

function inColumn(name: string, columns: number): string {
  const most = columns - 2
  const shown = name.length > most ? `${name.slice(0, most - 1)}…` : name
  return shown.padEnd(columns)
}

function timeLine({ moments, nameColumns }: Axis, { timeZone }: TimelineOptions): Text {
  const every = 16
  const times = moments
    .filter((_, index) => index % every === 0 && index + 8 <= moments.length)
    .map(({ fromMs }) => formatTime(new Date(fromMs).toISOString(), timeZone).padEnd(every))
  return [' '.repeat(nameColumns), quiet(times.join(''))]
}

function phaseCell(phases: readonly Phase[], moment: Moment): Cell {
  const phase = mostIn(phases, moment)
  return phase ? { text: phaseLetters[phase.status], tone: phaseTones[phase.status] } : nothing
}

function tasksOf(bars: readonly TaskBar[]): [string, TaskBar[]][] {
  return [...Map.groupBy(bars, ({ task }) => task)]
}

function taskCell(bars: readonly TaskBar[], moment: Moment): Cell {
  const bar = mostIn(bars, moment)
  if (!bar) return nothing
  return endsIn(bar, moment) && bar.outcome !== 'succeeded'
    ? endCell(bar.outcome)
    : { text: 't', tone: barTones[bar.outcome] }
}

function hostLines(timeline: Timeline, axis: Axis): Text[] {
  const groups = laneGroups(timeline)
  return groups.flatMap(({ wave, lanes }) => [
    ...(groups.length > 1 ? [[quiet(wave === undefined ? 'need attention' : `wave ${wave}`)]] : []),
    ...lanes.map(({ host, bars }) => line(host, axis, (moment) => stepCell(bars, moment))),
  ])
}

/** A failure is never hidden by what took longer. */
function stepCell(bars: readonly StepBar[], moment: Moment): Cell {
  const cut = bars.find((bar) => (bar.outcome === 'failed' || bar.outcome === 'interrupted') && endsIn(bar, moment))
  if (cut) return endCell(cut.outcome)
  const bar = mostIn(bars, moment)
  if (!bar) return nothing
  const isWaiting = mostIn([...bar.waits, bar], moment) !== bar
  return isWaiting ? { text: '.', tone: 'waiting' } : { text: letters[bar.step], tone: barTones[bar.outcome] }
}

function endCell(outcome: StepBar['outcome']): Cell {
  return { text: outcome === 'failed' ? '✗' : '~', tone: barTones[outcome] }
}

function endsIn({ to }: Lasting, { fromMs, toMs }: Moment): boolean {
  if (to === undefined) return false
  const endMs = Date.parse(to)
  return endMs > fromMs && endMs <= toMs
}

/** Returns what took most of a moment, the first of several. */
function mostIn<Bar extends Lasting>(bars: readonly Bar[], { fromMs, toMs }: Moment): Bar | undefined {
  let [most, mostMs]: [Bar | undefined, number] = [undefined, 0]
  for (const bar of bars) {
    const insideMs = Math.min(toMs, endOf(bar, toMs)) - Math.max(fromMs, Date.parse(bar.from))
    if (insideMs > mostMs) [most, mostMs] = [bar, insideMs]
  }
  return most
}

function hostReasons({ hosts }: Timeline): Text[] {
  const notable = hosts.filter(({ why, walks }: HostLane) => why !== undefined || walks > 1)
  return notable.map((lane) => [strong(lane.host), `  ${describeLane(lane)}`])
}

/** The fewest in service at each moment, as a bar of the most that ever were. */
function capacityLine({ backend, points }: BackendOverTime, axis: Axis): Text {
  const times = points.map(({ at, inService }) => ({ atMs: Date.parse(at), inService }))
  const values = axis.moments.map(({ fromMs, toMs }) => {
    const before = times.findLast(({ atMs }) => atMs <= fromMs)
    const inside = times.filter(({ atMs }) => atMs > fromMs && atMs <= toMs)
    const known = [...(before ? [before] : []), ...inside].map(({ inService }) => inService)
    return known.length === 0 ? undefined : Math.min(...known)
  })
  return [inColumn(backend, axis.nameColumns), toned(sparkline(values), 'active')]
}

function legend({ isShortened }: Axis): Text[] {
  const steps = stepNames.map((step) => `${letters[step]} ${step}`)
  return [
    [],
    [quiet(steps.slice(0, 6).join(', '))],
    [quiet([...steps.slice(6), 't task', 'p planning', '- running'].join(', '))],
    [quiet('. waiting, ✗ failed, ~ interrupted')],
    ...(isShortened ? [[quiet('Long pauses without work are shortened: see the times on top.')]] : []),
  ]
}
