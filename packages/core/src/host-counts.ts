import type { HostCounts, HostRecord } from '@vesemir/contract'

export const noHosts: HostCounts = {
  pending: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  unreachable: 0,
  skipped: 0,
  'rolled-back': 0,
}

/** Counts hosts by their state. */
export function countHosts(hosts: readonly HostRecord[]): HostCounts {
  const counts = { ...noHosts }
  for (const { state } of hosts) counts[state.status] += 1
  return counts
}
