/** Formats the time of day of an ISO moment, `15:04:05`, in the reader's time zone unless another is given. */
export function formatTime(at: string, timeZone?: string): string {
  return timeZone === undefined ? localIso(at).slice(11, 19) : formatter('time', timeZone).format(new Date(at))
}

/** Formats day and time of an ISO moment, `2026-03-01 15:04`, in the reader's time zone unless another is given. */
export function formatDateTime(at: string, timeZone?: string): string {
  if (timeZone !== undefined) return formatter('day', timeZone).format(new Date(at))
  return localIso(at).slice(0, 16).replace('T', ' ')
}

/** An ISO moment in the reader's time zone. Without a formatter, which takes longer to make than the rest of a short command. */
function localIso(at: string): string {
  const moment = new Date(at)
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString()
}

/** Describes the reader's time zone at a moment, with what it is ahead of UTC: `Europe/Prague (UTC+1)`, `UTC`. */
export function describeTimeZone(at: Date): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  const minutes = -at.getTimezoneOffset()
  if (minutes === 0 && timeZone === 'UTC') return timeZone
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  const ahead =
    minutes === 0 ? '' : `${minutes < 0 ? '-' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`
  return `${timeZone} (UTC${ahead})`
}

/** Formats how long ago an ISO moment is: `just now`, `12 min ago`, `3 h ago`, `yesterday`, `5 days ago`. */
export function formatAge(at: string, nowMs: number): string {
  const minutes = Math.floor((nowMs - Date.parse(at)) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours} h ago`
  const days = Math.floor(hours / 24)
  return days === 1 ? 'yesterday' : `${days} days ago`
}

const styles = {
  time: { timeStyle: 'medium' },
  day: { dateStyle: 'short', timeStyle: 'short' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

const formatters = new Map<string, Intl.DateTimeFormat>()

/** Swedish writes dates as ISO 8601 does. Making a formatter is slow, using one is not. */
function formatter(style: keyof typeof styles, timeZone: string): Intl.DateTimeFormat {
  const key = `${style} ${timeZone}`
  const known = formatters.get(key)
  if (known) return known
  const made = new Intl.DateTimeFormat('sv-SE', { ...styles[style], timeZone })
  formatters.set(key, made)
  return made
}
