import type { Deployment } from '@vesemir/contract'

/** Returns for how many milliseconds a deployment had been running at a moment: the time for which it had ended before a retry is none of it. */
export function runningMs({ createdAt, idleMs = 0 }: Pick<Deployment, 'createdAt' | 'idleMs'>, atMs: number): number {
  return Math.max(0, atMs - Date.parse(createdAt) - idleMs)
}
