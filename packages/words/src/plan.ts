import type { Plan } from '@vesemir/contract'
import { count } from './count.ts'
import { toned, type Text } from './text.ts'

type Planned = Pick<Plan, 'boxes' | 'concurrency' | 'waves' | 'release'>

/** Describes what a deployment will do: `6 hosts in 2 waves, at most 2 at a time, behind lb1, lb2, release 2.0.0-ab12`. */
export function describePlan({ hosts, ...plan }: Planned & { hosts: number }): string {
  return `${count(hosts, 'host')} in ${count(plan.waves.length, 'wave')}, ${describePace(plan)}`
}

/** Describes how fast, behind which boxes and with which release: `at most 2 at a time, behind lb1, release 2.0.0-ab12`. */
export function describePace({ boxes, concurrency, release }: Omit<Planned, 'waves'>): string {
  const behind = boxes.length === 0 ? '' : `, behind ${boxes.map(({ name }) => name).join(', ')}`
  return `at most ${concurrency} at a time${behind}, release ${release.id}`
}

/** Describes what planning found that a person may want to fix. */
export function describeWarnings(warnings: readonly string[]): Text[] {
  return warnings.map((warning) => [toned('warning: ', 'waiting'), warning])
}
