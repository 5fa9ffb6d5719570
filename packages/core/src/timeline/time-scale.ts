import type { Lasting, Timeline } from './timeline-of.ts'

/** A piece of the axis: from one share of its length to another, times run evenly. */
export interface Stretch {
  fromMs: number
  toMs: number
  from: number
  to: number
  /** Whether nothing happened for so long that it is drawn shorter than it was. */
  isShortened: boolean
}

/** What places moments on an axis from 0 to 1, in order and without gaps; there is one at least. */
export type TimeScale = readonly Stretch[]

/** A pause longer than this part of all the work is drawn as long as this part of it, but never less than this. */
const longestPause = 0.1
const shortPauseMs = 10_000

/**
 * Makes the axis of a deployment until `nowMs`. Where nothing was in progress for long, as at a gate that waited for a person over
 * night, it is shortened: the work would be too narrow to see.
 */
export function timeScale(timeline: Timeline, nowMs: number): TimeScale {
  const [fromMs, toMs] = [Date.parse(timeline.from), endOf(timeline, nowMs)]
  const busy = busyTimes(timeline, nowMs)
  const busyMs = busy.reduce((sum, [start, end]) => sum + end - start, 0)
  const mostMs = Math.max(busyMs * longestPause, shortPauseMs)
  const pieces: { startMs: number; endMs: number; drawnMs: number; isShortened: boolean }[] = []
  let lastMs = fromMs
  const add = (startMs: number, endMs: number, isIdle: boolean) => {
    const spanMs = endMs - startMs
    if (spanMs <= 0) return
    const isShortened = isIdle && busyMs > 0 && spanMs > mostMs
    const last = pieces.at(-1)
    // What is drawn as long as it was is one with what stands beside it: hundreds of hosts have thousands of short gaps.
    if (last && !isShortened && !last.isShortened) {
      last.endMs = endMs
      last.drawnMs += spanMs
    } else pieces.push({ startMs, endMs, drawnMs: isShortened ? mostMs : spanMs, isShortened })
  }
  for (const [startMs, endMs] of busy) {
    add(lastMs, startMs, true)
    add(startMs, endMs, false)
    lastMs = endMs
  }
  add(lastMs, toMs, true)
  // Of what has only just begun, by a clock that may be behind that of the record.
  if (pieces.length === 0) add(fromMs, fromMs + 1, true)
  const totalMs = pieces.reduce((sum, { drawnMs }) => sum + drawnMs, 0)
  let drawn = 0
  return pieces.map(({ startMs, endMs, drawnMs, isShortened }) => {
    const from = drawn / totalMs
    drawn += drawnMs
    return { fromMs: startMs, toMs: endMs, from, to: drawn / totalMs, isShortened }
  })
}

/** Returns where a moment is on the axis; one before or after it is at its end. */
export function placeAt(scale: TimeScale, ms: number): number {
  const stretch = firstOf(scale, ({ toMs }) => ms <= toMs)
  if (!stretch) return 1
  const { fromMs, toMs, from, to } = stretch
  return from + (to - from) * Math.max(0, (ms - fromMs) / (toMs - fromMs))
}

/** Returns which moment is at a place of the axis. */
export function momentAt(scale: TimeScale, place: number): number {
  const stretch = firstOf(scale, ({ to }) => place <= to) ?? scale.at(-1)!
  const { fromMs, toMs, from, to } = stretch
  return fromMs + (toMs - fromMs) * Math.min(1, Math.max(0, (place - from) / (to - from)))
}

/** Returns the first stretch that fits, where all after it do too. */
function firstOf(scale: TimeScale, fits: (stretch: Stretch) => boolean): Stretch | undefined {
  let [from, to] = [0, scale.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if (fits(scale[middle]!)) to = middle
    else from = middle + 1
  }
  return scale[from]
}

/** Returns what time it is by a clock that may be behind that of the record: nothing has happened later than now. */
export function nowAfter(events: readonly { at: string }[], clockMs: number): number {
  const last = events.at(-1)
  return last ? Math.max(clockMs, Date.parse(last.at)) : clockMs
}

/** The end of what lasts is now. */
export function endOf({ from, to }: Lasting, nowMs: number): number {
  return to === undefined ? Math.max(Date.parse(from), nowMs) : Date.parse(to)
}

/** When a step or a task was in progress: in order, each apart from the next. */
function busyTimes({ hosts, tasks, phases }: Timeline, nowMs: number): [number, number][] {
  const bars: Lasting[] = [
    ...hosts.flatMap((lane) => lane.bars),
    ...tasks,
    ...phases.filter(({ status }) => status === 'planning'),
  ]
  const times = bars
    .map((bar): [number, number] => [Date.parse(bar.from), endOf(bar, nowMs)])
    .toSorted(([a], [b]) => a - b)
  const merged: [number, number][] = []
  for (const [startMs, endMs] of times) {
    const last = merged.at(-1)
    if (last && startMs <= last[1]) last[1] = Math.max(last[1], endMs)
    else merged.push([startMs, endMs])
  }
  return merged
}
