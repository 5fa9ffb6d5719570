/** Reads `Retry-After` (RFC 9110, 10.2.3), seconds or a date, as milliseconds from now; nothing when it asks for no pause. */
export function readRetryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const value = headers.get('retry-after') ?? ''
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs
  return waitMs > 0 ? waitMs : undefined
}
