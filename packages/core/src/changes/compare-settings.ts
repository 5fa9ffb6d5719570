import type { Deployment, DeploymentSpec, Plan } from '@vesemir/contract'
import { describeChanges } from '../describe-changes.ts'
import { variableChanges } from '../variable-changes.ts'

/** A setting that differs, by path: what it is in each of two deployments; absent in the one that does not have it. */
export interface SettingDifference {
  field: string
  first?: unknown
  second?: unknown
}

/** What stands in the place of a value that may hold a secret. */
export const hiddenValue = '(hidden)'

/**
 * Returns the settings that differ between two deployments, by path. Variables are compared by what is known of their secrets, which may
 * have changed under the same name.
 */
export function compareSettings(
  first: Pick<Deployment, 'id' | 'spec' | 'plan'>,
  second: { spec: DeploymentSpec } & Pick<Plan, 'secrets'>,
): SettingDifference[] {
  const { before, after } = describeChanges(settingsOf(first.spec), settingsOf(second.spec))
  const variables = variableChanges(first, second)
  return [
    ...[...new Set([...Object.keys(before), ...Object.keys(after)])].map((field) => ({
      field,
      ...(field in before ? { first: before[field] } : {}),
      ...(field in after ? { second: after[field] } : {}),
    })),
    ...(variables?.changed ?? []).map((name) => ({
      field: `variables.${name}`,
      first: hiddenValue,
      second: hiddenValue,
    })),
    ...(variables?.added ?? []).map((name) => ({ field: `variables.${name}`, second: hiddenValue })),
    ...(variables?.removed ?? []).map((name) => ({ field: `variables.${name}`, first: hiddenValue })),
  ].toSorted((a, b) => (a.field < b.field ? -1 : 1))
}

/** Returns a deployment's settings without what is its own, and without variables. */
function settingsOf(spec: DeploymentSpec) {
  const {
    application: _application,
    environment: _environment,
    version: _version,
    revision: _revision,
    reason: _reason,
    builtAt: _builtAt,
    planId: _planId,
    converges: _converges,
    variables: _variables,
    ...settings
  } = spec
  return settings
}
