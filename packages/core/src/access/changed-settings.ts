import {
  CompleteSettings,
  type ApplicationDefinition,
  type DeploymentRequest,
  type SomeSettings,
} from '@vesemir/contract'
import { isSameJson } from '../is-same-json.ts'
import { addSettings } from '../resolve-spec.ts'

type SettingName = keyof CompleteSettings
type HostSelection = NonNullable<SomeSettings['hosts']>

/**
 * Returns the settings that a request changes, as paths: `concurrency`, `changeset.sha256`. Settings that say the same as the
 * application's definition are not changed, and neither are hosts that are only some of those that the definition selects.
 */
export function changedSettings(request: DeploymentRequest, definition: ApplicationDefinition | undefined): string[] {
  const { environments = {}, ...general } = definition ?? {}
  const own = Object.hasOwn(environments, request.environment) ? environments[request.environment] : {}
  const settings = addSettings(general, own ?? {})
  const asked = (Object.keys(CompleteSettings.shape) as SettingName[]).filter((name) => request[name] !== undefined)
  return asked.flatMap((name) => {
    const before = settings[name] ?? CompleteSettings.shape[name].safeParse(undefined).data
    if (name === 'hosts') return isNarrower(request.hosts!, settings.hosts ?? {}) ? [] : [name]
    // What a request does not name of the variables stays.
    const now = name === 'variables' ? { ...settings.variables, ...request.variables } : request[name]
    return changedPaths(before ?? (name === 'variables' ? {} : undefined), now, name)
  })
}

/** Whether one selection can only select hosts that the other selects too. */
function isNarrower(hosts: HostSelection, { query, tags = [], only }: HostSelection): boolean {
  if (hosts.query !== query) return false
  const areTagsKept = tags.every((tag) => hosts.tags?.includes(tag))
  return areTagsKept && (only === undefined || (hosts.only?.every((host) => only.includes(host)) ?? false))
}

function changedPaths(before: unknown, now: unknown, path: string): string[] {
  if (isSameJson(before, now)) return []
  if (!isObject(before) || !isObject(now)) return [path]
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...names].flatMap((name) => changedPaths(before[name], now[name], `${path}.${name}`))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
