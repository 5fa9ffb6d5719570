import { durationMs, isDuration } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'

/** Reads a moment as people give it: a date, or for how long to look back. @throws {VesemirError} `REQUEST_INVALID`, which names the option */
export function toTimestamp(option: string, text: string): string {
  const ms = isDuration(text) ? Date.now() - durationMs(text) : Date.parse(text)
  if (!Number.isNaN(ms)) return new Date(ms).toISOString()
  throw new VesemirError(
    'REQUEST_INVALID',
    `${option}: "${text}" is neither a date nor a duration, e.g. 2026-11-01 or 7d`,
  )
}
