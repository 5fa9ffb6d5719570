import type { ApplicationDefinition, Deployment } from '@vesemir/contract'
import { table } from './table.ts'
import { bold, colourOf, painted, type Line } from './text.ts'
import { dayAndTime, formatDuration } from './time.ts'

/** Sets deployments in a table, one on each line. */
export function deploymentLines(
  deployments: readonly Deployment[],
  { nowMs, timeZone }: { nowMs: number; timeZone?: string },
): Line[] {
  return table(
    ['id', 'application', 'version', 'environment', 'status', 'hosts', 'asked for at', 'took', 'by'],
    deployments.map(({ id, spec, state, counts, plan, createdAt, requestedBy }) => [
      [bold(id)],
      [spec.application],
      [spec.version],
      [spec.environment],
      [painted(state.status, colourOf(state.status))],
      [plan ? `${counts.succeeded}/${plan.hosts}` : ''],
      [dayAndTime(createdAt, timeZone)],
      [formatDuration(('endedAt' in state ? Date.parse(state.endedAt) : nowMs) - Date.parse(createdAt))],
      [requestedBy],
    ]),
  )
}

/** Sets applications in a table, one on each line. */
export function applicationLines(applications: readonly ApplicationDefinition[]): Line[] {
  return table(
    ['name', 'team', 'cluster', 'environments', 'description'],
    applications.map(({ name, team, cluster, environments, description }) => [
      [bold(name)],
      [team ?? ''],
      [cluster ?? ''],
      [environments ? Object.keys(environments).join(', ') : 'any'],
      [description ?? ''],
    ]),
  )
}
