import type { Term } from '../query.ts'
import type { AnsibleHost } from './resolve-hosts.ts'

/**
 * Tells whether a host is what all terms ask for. `name`, `groups`, `roles` (groups, too) and `tags` (groups, and the
 * variable of that name) are always known; any other field is a variable. A host that has no variable of the field's name
 * has the field's value when it is in a group that is called so.
 */
export function matchesTerms(host: AnsibleHost, terms: readonly Term[]): boolean {
  return terms.every(({ field, value }) => valuesOf(host, field).includes(value))
}

function valuesOf({ name, groups, variables }: AnsibleHost, field: string): string[] {
  switch (field) {
    case 'name':
      return [name]
    case 'groups':
    case 'roles':
      return groups
    case 'tags':
      return [...groups, ...texts(variables.tags)]
    default:
      return Object.hasOwn(variables, field) ? texts(variables[field]) : groups
  }
}

function texts(value: unknown): string[] {
  return [value].flat().flatMap((item) => (['string', 'number', 'boolean'].includes(typeof item) ? [String(item)] : []))
}
