import type { AnsibleHost } from './resolve-hosts.ts'
import { Unread } from './unread.ts'

/** How deep variables may refer to one another. */
const maxDepth = 10

const reference = /\{\{-?\s*([A-Za-z_][A-Za-z0-9_]*)\s*-?\}\}/g

/**
 * Fills the templates of a value in, where they only name other variables of the host: `{{ inventory_hostname }}.eu.example`.
 * What is more than that, or names a variable that is not there, comes out as `Unread`.
 */
export function fillIn(value: unknown, host: AnsibleHost, depth = 0): unknown {
  if (Array.isArray(value)) return value.map((item) => fillIn(item, host, depth))
  if (typeof value !== 'string' || !/\{[{%#]/.test(value)) return value
  const unread = new Unread(`a template that only Ansible can fill in, ${JSON.stringify(value)}`)
  if (depth === maxDepth) return unread
  const valueOf = (name: string) => fillIn(variableOf(host, name), host, depth + 1)
  const [whole, only] = new RegExp(`^${reference.source}$`).exec(value) ?? []
  const filled = whole === undefined ? replaceAll(value, valueOf) : valueOf(only!)
  return filled === undefined || filled instanceof Unread ? unread : filled
}

/** Nothing where a reference is to no text or number, or where something other than references is left. */
function replaceAll(text: string, valueOf: (name: string) => unknown): string | undefined {
  const values = [...text.matchAll(reference)].map(([, name = '']) => valueOf(name))
  const isFilled = values.every((value) => typeof value === 'string' || typeof value === 'number')
  if (!isFilled || /\{[{%#]/.test(text.replaceAll(reference, ''))) return undefined
  return text.replaceAll(reference, () => String(values.shift()))
}

function variableOf({ name, variables }: AnsibleHost, variable: string): unknown {
  if (variable === 'inventory_hostname') return name
  if (variable === 'inventory_hostname_short') return name.split('.')[0]
  return variables.get(variable)
}
