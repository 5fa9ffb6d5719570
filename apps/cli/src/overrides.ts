import type { ApplicationDefinition, SomeSettings } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'

/** What differs this once, as it is typed. */
export interface OverrideOptions {
  /** `2`, `25%`, or waves: `1,10%,50%`. */
  concurrency?: string
  maxFailures?: string
  onFailure?: string
  hosts?: string[]
  tag?: string[]
  sha256?: string
  /** `loadBalancer.degradationTime=10s`, any number of them. */
  set?: string[]
}

/** One setting and its new value. */
export interface Override {
  path: string[]
  value: unknown
}

/** Reads what differs from the options, in the order in which it applies. */
export async function readOverrides(options: OverrideOptions): Promise<Override[]> {
  const { concurrency, maxFailures, onFailure, hosts, tag, sha256, set = [] } = options
  return [
    ...(concurrency === undefined ? [] : [{ path: ['concurrency'], value: toPace(concurrency) }]),
    ...(maxFailures === undefined ? [] : [{ path: ['rollout', 'maxFailures'], value: toCount(maxFailures) }]),
    ...(onFailure === undefined ? [] : [{ path: ['rollout', 'onFailure'], value: onFailure }]),
    ...(tag
      ? [
          { path: ['hosts', 'query'], value: undefined },
          { path: ['hosts', 'tags'], value: tag },
        ]
      : []),
    ...(hosts ? [{ path: ['hosts', 'only'], value: hosts }] : []),
    ...(sha256 === undefined ? [] : [{ path: ['changeset', 'sha256'], value: sha256 }]),
    ...(await Promise.all(set.map(readSet))),
  ]
}

/** The API replaces a part of the settings as a whole, so a single field needs the rest of its part. */
export function needsDefinition(overrides: readonly Override[]): boolean {
  return overrides.some(({ path }) => path.length > 1)
}

/** Gives the parts of the settings that differ, complete: those of the definition with the overrides in them. */
export function applyOverrides(
  overrides: readonly Override[],
  { definition, environment }: { definition?: ApplicationDefinition | undefined; environment: string },
): SomeSettings {
  const settings: Record<string, unknown> = { ...definition, ...definition?.environments?.[environment] }
  const changed: Record<string, unknown> = {}
  for (const { path, value } of overrides) {
    const [part, ...inside] = path as [string, ...string[]]
    changed[part] = withValue(changed[part] ?? settings[part], inside, value)
  }
  return changed
}

function withValue(current: unknown, [key, ...rest]: string[], value: unknown): unknown {
  if (key === undefined) return value
  const fields = typeof current === 'object' && current !== null && !Array.isArray(current) ? current : {}
  return { ...fields, [key]: withValue((fields as Record<string, unknown>)[key], rest, value) }
}

function toPace(text: string): unknown {
  return text.includes(',') ? text.split(',').map((size) => toCount(size.trim())) : toCount(text)
}

function toCount(text: string): string | number {
  return /^-?\d+$/.test(text) ? Number(text) : text
}

async function readSet(text: string): Promise<Override> {
  const [, path, value] = /^([A-Za-z0-9]+(?:\.\w+)*)=(.*)$/s.exec(text) ?? []
  if (path === undefined || value === undefined)
    throw new VesemirError('REQUEST_INVALID', `--set ${text}: expected setting=value, e.g. service.timeout=90s`)
  return { path: path.split('.'), value: await readValue(text, value) }
}

async function readValue(text: string, value: string): Promise<unknown> {
  const { parse } = await import('yaml')
  try {
    return parse(value) as unknown
  } catch (cause) {
    throw new VesemirError('REQUEST_INVALID', `--set ${text}: the value is not valid YAML`, { cause })
  }
}
