import type { Plan } from '@vesemir/contract'
import { painted, type Line } from './text.ts'

/** Says what a deployment will do: `6 hosts in 2 waves, 2 at a time, behind lb1, lb2, release 2.0.0-ab12`. */
export function describePlan({
  hosts,
  boxes,
  concurrency,
  waves,
  release,
}: Pick<Plan, 'boxes' | 'concurrency' | 'waves' | 'release'> & { hosts: number }): string {
  const pace = waves.length > 1 ? ` in ${waves.length} waves, at most ${concurrency}` : `, ${concurrency}`
  const behind = boxes.length === 0 ? '' : `, behind ${boxes.map(({ name }) => name).join(', ')}`
  return `${countHosts(hosts)}${pace} at a time${behind}, release ${release.id}`
}

export function countHosts(count: number): string {
  return `${count} ${count === 1 ? 'host' : 'hosts'}`
}

/** Says what planning found that a person may want to mend. */
export function warningLines(warnings: readonly string[]): Line[] {
  return warnings.map((warning) => [painted('warning: ', 'yellow'), warning])
}
