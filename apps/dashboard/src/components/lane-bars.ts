import {
  endOf,
  placeAt,
  type HostLane,
  type Lasting,
  type Phase,
  type TaskBar,
  type Timeline,
  type TimeScale,
} from '@vesemir/core'
import {
  barTones,
  deploymentStatus,
  describeBar,
  describePhase,
  describeTaskBar,
  phaseTones,
  type Tone,
} from '@vesemir/words'

/** A bar as it is drawn: from one place of the axis to another. */
export interface DrawnBar {
  from: number
  to: number
  tone: Tone
  label: string
  sentence: string
  /** How its end is marked, where it is no success. */
  outcome: string
  waits: { from: number; to: number }[]
}

/** A row of a timeline with its bars. */
export interface DrawnLane {
  key: string
  name: string
  host: HostLane | undefined
  bars: DrawnBar[]
}

interface Axis {
  scale: TimeScale
  nowMs: number
}

/** Returns the rows of what is no host's: the deployment as a whole, then each task. */
export function commonLanes({ phases, tasks }: Timeline, axis: Axis): DrawnLane[] {
  const byTask = Map.groupBy(tasks, ({ task }) => task)
  return [
    { key: 'deployment', name: 'Deployment', host: undefined, bars: phases.map((phase) => drawPhase(phase, axis)) },
    ...[...byTask].map(([task, bars]) => ({
      key: `task ${task}`,
      name: `Task ${task}`,
      host: undefined,
      bars: bars.map((bar) => drawTask(bar, axis)),
    })),
  ]
}

/** Returns the row of a host. */
export function hostLane(host: HostLane, axis: Axis): DrawnLane {
  return {
    key: `host ${host.host}`,
    name: host.host,
    host,
    bars: host.bars.map((bar) => ({
      ...placed(bar, axis),
      tone: barTones[bar.outcome],
      label: bar.step,
      sentence: describeBar(bar, axis),
      outcome: bar.outcome,
      waits: bar.waits.map((wait) => placed(wait, axis)),
    })),
  }
}

function drawPhase(phase: Phase, axis: Axis): DrawnBar {
  const { status } = phase
  return {
    ...placed(phase, axis),
    tone: phaseTones[status],
    label: deploymentStatus(phase).text,
    sentence: describePhase(phase, axis),
    outcome: status,
    waits: [],
  }
}

function drawTask(bar: TaskBar, axis: Axis): DrawnBar {
  const { task, outcome } = bar
  return {
    ...placed(bar, axis),
    tone: barTones[outcome],
    label: task,
    sentence: describeTaskBar(bar, axis),
    outcome,
    waits: [],
  }
}

function placed(bar: Lasting, { scale, nowMs }: Axis): { from: number; to: number } {
  return { from: placeAt(scale, Date.parse(bar.from)), to: placeAt(scale, endOf(bar, nowMs)) }
}

/** Returns the bar at a place, or the nearest: many are narrower than a finger. */
export function nearestBar(bars: readonly DrawnBar[], place: number): number {
  const distances = bars.map(({ from, to }) => Math.max(from - place, place - to, 0))
  return distances.indexOf(Math.min(...distances))
}
