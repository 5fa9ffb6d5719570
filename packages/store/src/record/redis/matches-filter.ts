import type { Deployment, DeploymentFilter } from '@vesemir/contract'
import { hasWords } from '@vesemir/core'

/** Returns whether a filter lets a deployment pass, by all that its row tells: not by its number, nor by its hosts. */
export function matchesFilter(
  { spec, state, requestedBy, createdAt }: Deployment,
  filter: Omit<DeploymentFilter, 'limit' | 'before' | 'host'>,
): boolean {
  const { status = state.status, by = requestedBy, since = createdAt, until = createdAt, text } = filter
  const createdMs = Date.parse(createdAt)
  const { application, environment, team, version } = { ...spec, ...filter }
  return (
    status === state.status &&
    by === requestedBy &&
    application === spec.application &&
    environment === spec.environment &&
    team === spec.team &&
    version === spec.version &&
    Date.parse(since) <= createdMs &&
    createdMs <= Date.parse(until) &&
    (text === undefined || hasWords({ spec, requestedBy }, text))
  )
}
