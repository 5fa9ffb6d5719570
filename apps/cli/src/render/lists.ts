import type { ApplicationDefinition, ApplicationHost, Deployment, ApplicationLock } from '@vesemir/contract'
import { table } from './table.ts'
import { bold, colourOf, painted, type Line } from './text.ts'
import { dayAndTime, timeTaken } from './time.ts'

/** Sets deployments in a table, one on each line. */
export function deploymentLines(
  deployments: readonly Deployment[],
  { nowMs, timeZone }: { nowMs: number; timeZone?: string },
): Line[] {
  return table(
    ['id', 'application', 'version', 'environment', 'status', 'hosts', 'asked for at', 'took', 'by'],
    deployments.map((deployment) => {
      const { id, spec, state, counts, plan, createdAt, requestedBy } = deployment
      return [
        [bold(id)],
        [spec.application],
        [spec.version],
        [spec.environment],
        [painted(state.status, colourOf(state.status))],
        [plan ? `${counts.succeeded}/${plan.hosts}` : ''],
        [dayAndTime(createdAt, timeZone)],
        [timeTaken(deployment, nowMs)],
        [requestedBy],
      ]
    }),
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

/** Sets where deployments are held off in a table, one place on each line. */
export function lockLines(locks: readonly ApplicationLock[], { timeZone }: { timeZone?: string } = {}): Line[] {
  return table(
    ['application', 'environment', 'since', 'by', 'reason'],
    locks.map(({ application, environment, at, by, reason }) => [
      [bold(application)],
      [environment],
      [dayAndTime(at, timeZone)],
      [by],
      [reason],
    ]),
  )
}

/** Sets hosts in a table with what runs on each; where it is not what should, the last column says so. */
export function hostLines(hosts: readonly ApplicationHost[], { timeZone }: { timeZone?: string } = {}): Line[] {
  return table(
    ['host', 'environment', 'version', 'release', 'since', 'by', 'traffic', 'drift'],
    hosts.map(({ host, environment, version, isVersionProven, release, at, deployment = '', traffic, drift = '' }) => [
      [bold(host)],
      [environment],
      [version, isVersionProven === false ? painted(' (not proven)', 'yellow') : ''],
      [release],
      [dayAndTime(at, timeZone)],
      [deployment],
      [painted(traffic, traffic === 'drained' || traffic === 'partial' ? 'yellow' : undefined)],
      [painted(drift, 'yellow')],
    ]),
  )
}
