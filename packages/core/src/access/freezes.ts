import type { Freeze } from '@vesemir/contract'

/** A time in which nothing is deployed, in milliseconds since 1970. */
export interface FrozenTime {
  reason: string
  timeZone: string
  fromMs: number
  toMs: number
}

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const weekMs = 7 * dayMs

/** Returns the freeze that holds at a moment, and ends when none of those that follow it without a gap holds any more. */
export function freezeAt(freezes: readonly Freeze[], nowMs: number): FrozenTime | undefined {
  const first = freezesAround(freezes, nowMs).find((frozen) => isWithin(frozen, nowMs))
  if (!first) return undefined
  let { toMs } = first
  // As many steps as there are freezes: two that cover the whole week never end.
  for (const _ of freezes) {
    const next = freezesAround(freezes, toMs).find((frozen) => isWithin(frozen, toMs))
    if (!next) break
    toMs = next.toMs
  }
  return { ...first, toMs }
}

/** Returns the first freeze that begins within a time from now. */
export function nextFreeze(
  freezes: readonly Freeze[],
  { nowMs, withinMs }: { nowMs: number; withinMs: number },
): FrozenTime | undefined {
  return freezesAround(freezes, nowMs)
    .filter(({ fromMs }) => fromMs > nowMs && fromMs <= nowMs + withinMs)
    .toSorted((a, b) => a.fromMs - b.fromMs)[0]
}

/** Writes a moment as the clocks of a time zone show it: `2026-11-30 08:00 Europe/Berlin`. */
export function formatZoned(ms: number, timeZone: string): string {
  return `${new Date(wallMs(ms, timeZone)).toISOString().slice(0, 16).replace('T', ' ')} ${timeZone}`
}

function isWithin({ fromMs, toMs }: FrozenTime, ms: number): boolean {
  return fromMs <= ms && ms < toMs
}

/** The times of freezes; of weekly ones those of the week before, of this one and of the next. */
function freezesAround(freezes: readonly Freeze[], nowMs: number): FrozenTime[] {
  return freezes.flatMap((freeze) => {
    const { reason, timeZone } = freeze
    return wallTimes(freeze, nowMs).map(([from, to]) => ({
      reason,
      timeZone,
      fromMs: momentOf(from, timeZone),
      toMs: momentOf(to, timeZone),
    }))
  })
}

/** Pairs of what clocks on the wall show at the start and the end, as if they showed UTC. */
function wallTimes({ from, to, timeZone }: Freeze, nowMs: number): [number, number][] {
  const day = days.indexOf(from.slice(0, 3))
  if (day < 0) return [[readDate(from), readDate(to)]]
  const start = offsetInWeek(from)
  const lengthMs = (offsetInWeek(to) - start + weekMs) % weekMs
  const weekStart = startOfWeek(wallMs(nowMs, timeZone))
  return [-weekMs, 0, weekMs].map((shift) => {
    const at = weekStart + shift + start
    return [at, at + lengthMs]
  })
}

function readDate(moment: string): number {
  return Date.parse(`${moment.replace(' ', 'T')}Z`)
}

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

function offsetInWeek(moment: string): number {
  const [day = '', hours = '', minutes = ''] = moment.split(/[ :]/)
  return days.indexOf(day) * dayMs + (Number(hours) * 60 + Number(minutes)) * minuteMs
}

/** 1970 began on a Thursday: its week began three days before. */
function startOfWeek(wall: number): number {
  return Math.floor((wall + 3 * dayMs) / weekMs) * weekMs - 3 * dayMs
}

/** The moment at which clocks of a time zone show this; one of two, where they are put back. */
function momentOf(wall: number, timeZone: string): number {
  const about = wall - offsetAt(wall, timeZone)
  return wall - offsetAt(about, timeZone)
}

function offsetAt(ms: number, timeZone: string): number {
  return wallMs(ms, timeZone) - Math.floor(ms / minuteMs) * minuteMs
}

/** What clocks of a time zone show at a moment, to the minute, as if they showed UTC. */
function wallMs(ms: number, timeZone: string): number {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type)!
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'))
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Formats cost more to make than to use. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const numeric = 'numeric'
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
  })
  formats.set(timeZone, format)
  return format
}
