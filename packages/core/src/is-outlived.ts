import type { Deployment } from '@vesemir/contract'

/** How long the records of deployments that have ended are kept. */
export interface Retention {
  /** After their end. */
  keepDays: number
  /** So many of each application's environment are kept however old they are. */
  keepLast: number
}

const dayMs = 24 * 3_600_000

/** Tells whether nobody will ask for a deployment any more: it ended long ago, and nothing needs what it has left. */
export function isOutlived(
  { id, state }: Deployment,
  { now, keepDays, needed }: Pick<Retention, 'keepDays'> & { now: number; needed: ReadonlySet<string> },
): boolean {
  return 'endedAt' in state && now - Date.parse(state.endedAt) > keepDays * dayMs && !needed.has(id)
}

/** Tells whether a deployment, and with it all that came later, is too young to be outlived. */
export function isYoung(
  { createdAt }: Deployment,
  { now, keepDays }: Pick<Retention, 'keepDays'> & { now: number },
): boolean {
  return now - Date.parse(createdAt) <= keepDays * dayMs
}
