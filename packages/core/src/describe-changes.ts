import type { ApplicationDefinition } from '@vesemir/contract'
import { isSameJson } from './is-same-json.ts'

/** A value of a definition, as an audit log may show it. */
type Shown = string | number | boolean | null | Shown[] | { [field: string]: Shown }

/** Settings in which people write commands, addresses and headers: any of these may hold a password. */
const hidden = [
  'hooks',
  'tasks',
  'variables',
  'changeset.commands',
  'changeset.rollback',
  'changeset.url',
  'changeset.repository',
  'service.restart',
  'healthCheck.command',
  'healthCheck.headers',
  'healthCheck.expectHeaders',
  'healthCheck.path',
]

/**
 * Returns the settings that differ between two definitions, or two deployments, by path: `environments.production.concurrency`. Where a value may
 * hold a secret, it is only said that there is one.
 */
export function describeChanges(
  before: Partial<ApplicationDefinition> | undefined,
  after: Partial<ApplicationDefinition>,
): { before: Record<string, Shown>; after: Record<string, Shown> } {
  const [was, is] = [fieldsOf(before), fieldsOf(after)]
  const paths = new Set([...was.keys(), ...is.keys()])
  const changed = [...paths].filter((path) => !isSameJson(was.get(path)?.value, is.get(path)?.value))
  return { before: show(was, changed), after: show(is, changed) }
}

interface Field {
  value: unknown
  isHidden: boolean
}

function show(fields: ReadonlyMap<string, Field>, paths: readonly string[]): Record<string, Shown> {
  return Object.fromEntries(
    paths.flatMap((path) => {
      const field = fields.get(path)
      return field ? [[path, field.isHidden ? '(hidden)' : (field.value as Shown)] as const] : []
    }),
  )
}

/** All that a definition says, by path. */
function fieldsOf({ environments = {}, ...general }: Partial<ApplicationDefinition> = {}): Map<string, Field> {
  const parts = Object.entries(environments).map(([name, own]) => [`environments.${name}.`, own] as const)
  return new Map(
    [['', general] as const, ...parts].flatMap(([prefix, settings]) =>
      leavesOf(settings).map(([path, value]) => [prefix + path, { value, isHidden: isHidden(path) }]),
    ),
  )
}

function isHidden(path: string): boolean {
  return hidden.some((name) => path === name || path.startsWith(`${name}.`))
}

function leavesOf(value: object): [string, unknown][] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return [[name, inner]]
    return leavesOf(inner).map(([path, leaf]): [string, unknown] => [`${name}.${path}`, leaf])
  })
}
