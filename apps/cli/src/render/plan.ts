import type { Plan } from '@vesemir/contract'
import { painted, type Line } from './text.ts'

/** Says what a deployment will do: `6 hosts, 2 at a time, behind lb1, lb2, release 2.0.0-ab12`. */
export function describePlan({
  hosts,
  boxes,
  concurrency,
  release,
}: Pick<Plan, 'boxes' | 'concurrency' | 'release'> & { hosts: number }): string {
  const behind = boxes.length === 0 ? '' : `, behind ${boxes.map(({ name }) => name).join(', ')}`
  return `${countHosts(hosts)}, ${concurrency} at a time${behind}, release ${release.id}`
}

export function countHosts(count: number): string {
  return `${count} ${count === 1 ? 'host' : 'hosts'}`
}

/** Says what planning found that a person may want to mend. */
export function warningLines(warnings: readonly string[]): Line[] {
  return warnings.map((warning) => [painted('warning: ', 'yellow'), warning])
}
