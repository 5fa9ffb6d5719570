import type { HostCounts } from '@vesemir/contract'

/** Describes how many hosts are done, failed and rolled back: `4 of 6 done, 1 failed`. */
export function describeProgress(counts: HostCounts, hosts: number): string {
  const failed = counts.failed + counts.unreachable
  return [
    `${counts.succeeded} of ${hosts} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(counts['rolled-back'] > 0 ? [`${counts['rolled-back']} rolled back`] : []),
  ].join(', ')
}
