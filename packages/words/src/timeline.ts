import type { BackendOverTime, HostLane, Lasting, Phase, StepBar, TaskBar, Wait } from '@vesemir/core'
import { endOf } from '@vesemir/core'
import { listFew } from './count.ts'
import { formatDuration } from './duration.ts'
import { describePause, describeWait } from './events.ts'
import { describeGateReason, type ReaderOptions } from './gate.ts'
import { formatTime } from './moment.ts'
import { hostStatuses } from './status.ts'
import { toned, toPlainText, type Text, type Tone } from './text.ts'

interface Reader extends ReaderOptions {
  nowMs: number
}

/** The tones of bars: a failure stands out, the usual does not. */
export const barTones: Readonly<Record<StepBar['outcome'], Tone>> = {
  running: 'active',
  succeeded: 'good',
  failed: 'bad',
  skipped: 'idle',
  interrupted: 'waiting',
}

/** The tones of what a deployment as a whole was doing. */
export const phaseTones: Readonly<Record<Phase['status'], Tone>> = {
  queued: 'waiting',
  planning: 'active',
  running: 'active',
  paused: 'waiting',
  gated: 'waiting',
}

const outcomes: Readonly<Record<StepBar['outcome'], string>> = {
  running: 'in progress',
  succeeded: 'done',
  failed: 'failed',
  skipped: 'skipped',
  interrupted: 'interrupted',
}

/** Describes a step on a timeline: `drain done in 12s, 15:04:05 to 15:04:17: 4 sessions ended; waited 9.0s for sessions to end`. */
export function describeBar(bar: StepBar, reader: Reader): string {
  const { step, outcome, walk, attempt, intent, note, waits } = bar
  const asides = [
    intent === 'rollback' ? 'on the way back' : '',
    walk > 1 ? `walk ${walk}` : '',
    attempt > 1 ? `attempt ${attempt}` : '',
  ]
  const about = asides.filter((aside) => aside !== '').join(', ')
  const what = about === '' ? step : `${step} (${about})`
  const took = `${what} ${describeSpan(bar, outcome, reader)}${note === undefined ? '' : `: ${note}`}`
  return [took, ...describeWaits(waits, reader)].join('; ')
}

const mostWaits = 3

/** Names the longest of them. Of the last of a step nobody knows how long it was: what came after it is not told. */
function describeWaits(waits: readonly Wait[], reader: Reader): string[] {
  const spanOf = (wait: Wait) => endOf(wait, reader.nowMs) - Date.parse(wait.from)
  const named = new Set(waits.toSorted((a, b) => spanOf(b) - spanOf(a)).slice(0, mostWaits))
  const more = waits.length - named.size
  return [
    ...waits
      .filter((wait) => named.has(wait))
      .map((wait) =>
        wait.isLast
          ? `last waited for ${wait.waitingFor}, from ${formatTime(wait.from, reader.timeZone)}`
          : `waited ${lengthOf(wait, reader)} for ${wait.waitingFor}`,
      ),
    ...(more > 0 ? [`and ${more} more ${more === 1 ? 'wait' : 'waits'}`] : []),
  ]
}

/** Describes a run of a task on a timeline. */
export function describeTaskBar(bar: TaskBar, reader: Reader): string {
  const { task, outcome, note } = bar
  return `task ${task} ${describeSpan(bar, outcome, reader)}${note === undefined ? '' : `: ${note}`}`
}

/** What lasts is told by when it began, which stays as it is: it is read out again whenever it changes. */
function describeSpan(bar: Lasting, outcome: StepBar['outcome'], reader: Reader): string {
  if (bar.to === undefined) return `${outcomes[outcome]} ${describeTimes(bar, reader)}`
  const verb = outcome === 'succeeded' ? 'in' : 'after'
  return `${outcomes[outcome]} ${verb} ${lengthOf(bar, reader)}, ${describeTimes(bar, reader)}`
}

/** Describes what a deployment as a whole was doing: `waiting for approval after wave 1, for 12m 03s, 15:04:05 to 15:16:08`. */
export function describePhase(phase: Phase, reader: Reader): string {
  const length = phase.to === undefined ? '' : `, for ${lengthOf(phase, reader)}`
  return `${toPlainText(describeStand(phase))}${length}, ${describeTimes(phase, reader)}`
}

function describeStand({ state, intent }: Phase): Text {
  switch (state.status) {
    case 'queued':
      return state.waitingFor === undefined ? ['waiting for a worker'] : describeWait(state.waitingFor)
    case 'planning':
      return ['planning']
    case 'paused':
      return describePause(state.by)
    case 'gated':
      return describeGateReason(state.gate)
    case 'running':
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'rolled-back':
      return [intent === 'rollback' ? 'rolling back' : 'running']
  }
}

/** Describes how long a stretch of time was. */
function lengthOf(bar: Lasting, { nowMs }: Reader): string {
  return formatDuration(endOf(bar, nowMs) - Date.parse(bar.from))
}

function describeTimes({ from, to }: Lasting, { timeZone }: Reader): string {
  const start = formatTime(from, timeZone)
  return to === undefined ? `since ${start}` : `${start} to ${formatTime(to, timeZone)}`
}

/** Describes a host of a timeline: how it stands, how often it was walked, and why it failed. */
export function describeLane({ status, walks, why }: HostLane): string {
  const again = walks > 1 ? `, ${walks} walks` : ''
  return `${hostStatuses[status].text}${again}${why === undefined ? '' : `: ${why}`}`
}

/** Says how few servers of a backend were in service: `web on lb-1: never below 4 of 6 in service; minHealthy 3`. */
export function describeCapacity({ backend, boxes, atStart, lowest, lacking, points }: BackendOverTime): Text {
  const where = `${backend} on ${listFew(boxes)}: `
  if (lacking) {
    const few = toned(`down to ${lacking.inService} of ${atStart} in service`, 'bad')
    return [where, few, `; minHealthy ${lacking.needed}`]
  }
  const needs = describeNeeds(points)
  if (points.every(({ inService }) => inService >= atStart)) return [`${where}always ${atStart} in service${needs}`]
  const least = `never below ${lowest.inService} of ${atStart} in service`
  return lowest.needed === undefined ? [where + least + needs] : [where, toned(least, 'good'), needs]
}

/** What had to be in service may change meanwhile: another deployment needs more. */
function describeNeeds(points: BackendOverTime['points']): string {
  const known = points.flatMap(({ needed }) => (needed === undefined ? [] : [needed]))
  if (known.length === 0) return ''
  const [least, most] = [Math.min(...known), Math.max(...known)]
  return `; minHealthy ${least === most ? least : `${least} to ${most}`}`
}
