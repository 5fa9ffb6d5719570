import type { Deployment } from '@vesemir/contract'
import type { LoadSummary } from '../load/summarise.ts'
import type { HostNow } from './read-hosts.ts'

/** What a demo has shown, as `--json` prints it. */
export interface Report {
  deployments: { id: string; version: string; status: string; durationSeconds: number }[]
  requests: { total: number; failed: number }
  /** As the hosts and HAProxy themselves say, after the last deployment. */
  hosts: HostNow[]
}

/** The versions that a demo deploys, one after the other. */
export const versions = ['1.0.0', '2.0.0'] as const

export const emptyReport: Report = { deployments: [], requests: { total: 0, failed: 0 }, hosts: [] }

/** Puts together what was seen. */
export function reportOf(
  deployments: readonly Deployment[],
  { load, hosts }: { load: LoadSummary; hosts: HostNow[] },
): Report {
  return {
    deployments: deployments.map(({ id, spec, state, createdAt }) => ({
      id,
      version: spec.version,
      status: state.status,
      durationSeconds: 'endedAt' in state ? (Date.parse(state.endedAt) - Date.parse(createdAt)) / 1000 : 0,
    })),
    requests: { total: load.total, failed: load.failed },
    hosts,
  }
}

/** Tells whether all went as it should: both versions deployed, no request lost, and every host serves the last in full. */
export function isGood({ deployments, requests, hosts }: Report): boolean {
  return (
    deployments.length === versions.length &&
    deployments.every(({ status }) => status === 'succeeded') &&
    requests.total > 0 &&
    requests.failed === 0 &&
    hosts.every(({ version, state, weight }) => version === versions.at(-1) && state === 'ready' && weight === 100)
  )
}
