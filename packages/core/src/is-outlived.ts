import type { Deployment } from '@vesemir/contract'

/** How long the records of deployments that have ended are kept. */
export interface Retention {
  /** After their end. */
  keepDays: number
  /** So many of each application's environment are kept however old they are. */
  keepLast: number
  /** No more of each application's environment are kept, however young they are. */
  keepAtMost?: number | undefined
  /** Memory of Redis that all of them may take; the oldest are removed first. */
  maxBytes?: number | undefined
}

const dayMs = 24 * 3_600_000

interface Circumstances extends Pick<Retention, 'keepDays'> {
  now: number
  /** Deployments that something needs. */
  needed: ReadonlySet<string>
  /** Whether there are more deployments, or bytes of them, than are to be kept, and this is the oldest. */
  isExcess?: boolean
}

/** Tells whether a deployment is to be removed: it has ended long ago or exceeds a bound, and nothing needs what it has left. */
export function isOutlived({ id, state }: Deployment, circumstances: Circumstances): boolean {
  const { now, keepDays, needed, isExcess = false } = circumstances
  if (!('endedAt' in state) || needed.has(id)) return false
  return isExcess || now - Date.parse(state.endedAt) > keepDays * dayMs
}

/** Tells whether a deployment, and with it all that came later, is too young to be outlived. */
export function isYoung(
  { createdAt }: Deployment,
  { now, keepDays }: Pick<Retention, 'keepDays'> & { now: number },
): boolean {
  return now - Date.parse(createdAt) <= keepDays * dayMs
}
