import type { Deployment } from '@vesemir/contract'
import { runningMs } from '@vesemir/core'

/** Formats a measured time: `240ms`, `4.1s`, `41s`, `3m 12s`, `2h 05m`. */
export function formatDuration(ms: number): string {
  const spanMs = Math.max(0, ms)
  if (spanMs < 1000) return `${Math.floor(spanMs)}ms`
  if (spanMs < 10_000) return `${(Math.floor(spanMs / 100) / 10).toFixed(1)}s`
  return formatElapsed(spanMs)
}

/** Formats a time that is still running, in whole seconds: `0s`, `41s`, `3m 12s`, `2h 05m`. */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`
}

/** Formats an estimate, without a precision that it does not have: `less than a minute`, `about 4 minutes`. */
export function formatEstimate(ms: number): string {
  if (ms < 50_000) return 'less than a minute'
  const minutes = Math.round(ms / 60_000)
  if (minutes < 90) return minutes === 1 ? 'about a minute' : `about ${minutes} minutes`
  return `about ${Math.round(minutes / 60)} hours`
}

/** Returns how long a deployment took, or has been running by now, formatted. */
export function timeTaken(deployment: Pick<Deployment, 'state' | 'createdAt' | 'idleMs'>, nowMs: number): string {
  const { state } = deployment
  return formatDuration(runningMs(deployment, 'endedAt' in state ? Date.parse(state.endedAt) : nowMs))
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
