import type { ApplicationDefinition, DeploymentRequest, Protection } from '@vesemir/contract'
import { changedSettings } from './changed-settings.ts'
import { brokenRules, rulesAt } from './rules.ts'

/**
 * Refuses a request that changes settings which are protected where it deploys. Of several rules for an environment, all hold.
 * @throws {VesemirError} `ENVIRONMENT_PROTECTED` with `details.errors`, one entry for each setting
 */
export function refuseProtectedSettings(
  request: DeploymentRequest,
  sources: { application: ApplicationDefinition | undefined; cluster: string; protections: readonly Protection[] },
): void {
  const { application, cluster, protections } = sources
  const { environment } = request
  const changed = changedSettings(request, application)
  const refused = rulesAt({ environment, cluster }, protections).flatMap(({ mayChange }) =>
    changed.filter((setting) => !mayChange.some((path) => setting === path || setting.startsWith(`${path}.`))),
  )
  if (refused.length === 0) return
  const message = 'a request may not change it'
  throw brokenRules(
    environment,
    [...new Set(refused)].map((field) => ({ field, message })),
  )
}
