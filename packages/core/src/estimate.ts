import type { PlannedWave } from '@vesemir/contract'

/**
 * Estimates how long a rollout takes, in milliseconds: in each wave hosts go through the window in rounds. A wait after
 * the last wave is none.
 */
export function estimateMs(
  waves: readonly PlannedWave[],
  { typicalHostMs, waitsMs }: { typicalHostMs: number; waitsMs: readonly { afterWave: number; ms: number }[] },
): number {
  const rounds = waves.reduce((sum, { hosts, concurrency }) => sum + Math.ceil(hosts / concurrency), 0)
  const waits = waitsMs.filter(({ afterWave }) => afterWave < waves.length).reduce((sum, { ms }) => sum + ms, 0)
  return rounds * typicalHostMs + waits
}
