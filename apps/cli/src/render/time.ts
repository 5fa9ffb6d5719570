import type { Deployment } from '@vesemir/contract'

/** Says how long something took, as people do: `240ms`, `4.1s`, `41s`, `3m 12s`, `2h 05m`. */
export function formatDuration(ms: number): string {
  const spanMs = Math.max(0, ms)
  if (spanMs < 1000) return `${Math.floor(spanMs)}ms`
  if (spanMs < 10_000) return `${(Math.floor(spanMs / 100) / 10).toFixed(1)}s`
  const seconds = Math.floor(spanMs / 1000)
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`
}

/** Says how long a deployment took, or has taken by now. */
export function timeTaken({ state, createdAt }: Deployment, nowMs: number): string {
  const untilMs = 'endedAt' in state ? Date.parse(state.endedAt) : nowMs
  return formatDuration(untilMs - Date.parse(createdAt))
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}

/** Gives the clock's time of an ISO moment, `15:04:05`, in the time zone of whoever reads it. */
export function clockTime(at: string, timeZone?: string): string {
  const moment = new Date(at)
  // Without a formatter, which takes longer to make than the rest of a short command.
  return timeZone === undefined ? moment.toTimeString().slice(0, 8) : formatter('time', timeZone).format(moment)
}

/** Gives day and time of an ISO moment, `2026-03-01 15:04`. */
export function dayAndTime(at: string, timeZone?: string): string {
  return formatter('day', timeZone).format(new Date(at))
}

const formatters = new Map<string, Intl.DateTimeFormat>()
const styles = {
  time: { timeStyle: 'medium' },
  day: { dateStyle: 'short', timeStyle: 'short' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

/** Swedish writes dates as ISO 8601 does. Making a formatter is slow, using one is not. */
function formatter(style: keyof typeof styles, timeZone: string | undefined): Intl.DateTimeFormat {
  const key = `${style} ${timeZone}`
  const known = formatters.get(key)
  if (known) return known
  const made = new Intl.DateTimeFormat('sv-SE', { ...styles[style], ...(timeZone === undefined ? {} : { timeZone }) })
  formatters.set(key, made)
  return made
}
