import type {
  ApplicationDefinition,
  Command,
  Deployment,
  DeploymentRequest,
  DeploymentSpec,
  Protection,
} from '@vesemir/contract'
import { VesemirError } from '../errors.ts'
import { changedSettings } from './changed-settings.ts'
import { matchesPattern } from './matches-pattern.ts'

type Place = Pick<DeploymentSpec, 'environment' | 'cluster'>

/**
 * Refuses a request that changes settings which are protected where it deploys. Of several rules for an environment, all hold.
 * @throws {VesemirError} `ENVIRONMENT_PROTECTED` with the settings
 */
export function refuseProtectedSettings(
  request: DeploymentRequest,
  sources: { application: ApplicationDefinition | undefined; cluster: string; protections: readonly Protection[] },
): void {
  const { application, cluster, protections } = sources
  const { environment } = request
  const changed = changedSettings(request, application)
  const refused = protectionsAt({ environment, cluster }, protections).flatMap(({ mayChange }) =>
    changed.filter((setting) => !mayChange.some((path) => setting === path || setting.startsWith(`${path}.`))),
  )
  if (refused.length === 0) return
  const message = `${environment} is protected: a request may not change ${[...new Set(refused)].join(', ')}`
  throw new VesemirError('ENVIRONMENT_PROTECTED', message)
}

/**
 * Refuses an approval by whoever asked for the deployment, where the environment is protected.
 * @throws {VesemirError} `ENVIRONMENT_PROTECTED`
 */
export function refuseOwnApproval(
  { command }: Command,
  given: {
    by: string
    deployment: Pick<Deployment, 'id' | 'requestedBy' | 'spec'>
    protections: readonly Protection[]
  },
): void {
  const { by, deployment, protections } = given
  if (command !== 'approve' || by !== deployment.requestedBy) return
  if (protectionsAt(deployment.spec, protections).every(({ approveOwn }) => approveOwn)) return
  throw ownApproval(by)
}

/** Returns the refusal of an approval by whoever asked for the deployment. */
export function ownApproval(by: string): VesemirError {
  const message = `${by} asked for the deployment: another person has to approve it`
  return new VesemirError('ENVIRONMENT_PROTECTED', message)
}

function protectionsAt({ environment, cluster }: Place, protections: readonly Protection[]): Protection[] {
  const isOneOf = (patterns: readonly string[] | undefined, name: string) =>
    patterns === undefined || patterns.some((pattern) => matchesPattern(pattern, name))
  return protections.filter((rule) => isOneOf(rule.environments, environment) && isOneOf(rule.clusters, cluster))
}
