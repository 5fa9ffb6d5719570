/** Says how long something took, as people do: `240 ms`, `4.1 s`, `41 s`, `3 min 12 s`, `2 h 05 min`. */
export function formatDuration(ms: number): string {
  const spanMs = Math.max(0, ms)
  if (spanMs < 1000) return `${Math.floor(spanMs)} ms`
  if (spanMs < 10_000) return `${(Math.floor(spanMs / 100) / 10).toFixed(1)} s`
  const seconds = Math.floor(spanMs / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`
}

/** The same for a narrow place, in one word: `41s`, `3m12s`, `2h05m`. */
export function shortDuration(ms: number): string {
  return formatDuration(ms).replaceAll(' min', 'm').replaceAll(' ', '')
}

/** Says how long something takes that goes on: `0s`, `41s`, `3m12s`. */
export function wholeSeconds(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  return seconds < 60 ? `${seconds}s` : shortDuration(seconds * 1000)
}

/** Says a time to come without seconds that nobody can promise: `less than a minute`, `about 4 minutes`. */
export function roughDuration(ms: number): string {
  if (ms < 50_000) return 'less than a minute'
  const minutes = Math.round(ms / 60_000)
  if (minutes < 90) return minutes === 1 ? 'about a minute' : `about ${minutes} minutes`
  return `about ${Math.round(minutes / 60)} hours`
}

/** Says how long ago a moment is: `just now`, `12 min ago`, `3 h ago`, `5 days ago`. */
export function timeAgo(at: string, nowMs: number): string {
  const minutes = Math.floor((nowMs - Date.parse(at)) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours} h ago`
  const days = Math.floor(hours / 24)
  return days === 1 ? 'yesterday' : `${days} days ago`
}

/** Gives the clock's time of an ISO moment, `15:04:05`, in the time zone of whoever reads it. */
export function clockTime(at: string): string {
  return clock.format(new Date(at))
}

/** Gives day and time of an ISO moment, `2026-03-01 15:04`. */
export function dayAndTime(at: string): string {
  return day.format(new Date(at))
}

// Swedish writes dates as ISO 8601 does. Making a formatter is slow, using one is not.
const clock = new Intl.DateTimeFormat('sv-SE', { timeStyle: 'medium' })
const day = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short' })

function two(number: number): string {
  return String(number).padStart(2, '0')
}
