import type { Term } from '../query.ts'
import { fillIn } from './fill-in.ts'
import type { AnsibleHost } from './resolve-hosts.ts'
import { Unread } from './unread.ts'

/** Whether a host is meant, or why that cannot be told. */
export type Match = boolean | Unread

/**
 * Tells whether a host is what all terms ask for. `name`, `groups`, `roles` (groups, too) and `tags` (groups, and the
 * variable of that name) are always known; any other field is a variable. A host that has no variable of the field's name
 * has the field's value when it is in a group that is called so.
 */
export function matchTerms(host: AnsibleHost, terms: readonly Term[]): Match {
  let unread: Unread | undefined
  for (const { field, value } of terms) {
    const found = valuesOf(host, field)
    if (found.some((item) => isValue(item, value))) continue
    const unreadable = found.find((item) => item instanceof Unread)
    if (!unreadable) return false
    unread ??= new Unread(`${field} is ${unreadable.why}`)
  }
  return unread ?? true
}

function isValue(item: unknown, value: string): boolean {
  return typeof item === 'number' ? item === Number(value) : item === value
}

function valuesOf(host: AnsibleHost, field: string): unknown[] {
  const { name, groups, variables } = host
  const own = () => [fillIn(variables.get(field), host)].flat(Infinity).flatMap(readItem)
  switch (field) {
    case 'name':
      return [name]
    case 'groups':
    case 'roles':
      return groups
    case 'tags':
      return [...groups, ...own().flatMap((item) => (typeof item === 'string' ? item.split(/[\s,]+/) : [item]))]
    default:
      return variables.get(field) == null ? groups : own()
  }
}

function readItem(item: unknown): unknown[] {
  if (item == null) return []
  if (item instanceof Unread || typeof item === 'number') return [item]
  if (typeof item === 'boolean') return [String(item)]
  if (typeof item !== 'string') return [new Unread('neither a text nor a list of texts')]
  // In INI a list's quotes are taken for the line's own: web1 tags=['eu'] says [eu], which is a text.
  if (/^[[{(]/.test(item))
    return [new Unread(`the text ${JSON.stringify(item)}: in INI put a list in quotes, tags="['eu']"`)]
  return [item]
}
