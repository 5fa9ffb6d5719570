import type { Problem } from '@vesemir/contract'

/** Why the API closes a WebSocket; docs/api.md explains each. Of RFC 6455, 7.4 and its registry. */
export const closeCodes = {
  /** The deployment has ended and all was sent. */
  ended: 1000,
  internal: 1011,
  /** The API is being restarted: come back. */
  restarting: 1012,
  /** The API cannot reach what it needs: come back a little later. */
  tryLater: 1013,
} as const

/** The code for a problem that ends a stream: 4000 and its HTTP status, where no other says it. */
export function closeCodeOf({ status }: Pick<Problem, 'status'>): number {
  if (status === 503) return closeCodes.tryLater
  return status >= 500 ? closeCodes.internal : 4000 + status
}
