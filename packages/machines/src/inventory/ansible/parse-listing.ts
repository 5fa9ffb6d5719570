import {
  addHosts,
  emptyInventory,
  ensureGroup,
  setVariable,
  type AnsibleInventory,
  type Variables,
} from './inventory.ts'
import { vaulted } from './unread.ts'

/** Whether content is what `ansible-inventory --list`, or an inventory script, prints. */
export function isListing(content: Variables): boolean {
  return content.has('_meta')
}

/**
 * Reads the JSON that an inventory script prints, as `readListing`.
 * @throws {Error} in words, without what stands there
 */
export function parseListing(text: string): AnsibleInventory {
  const content = toMaps(parseJson(text))
  if (content instanceof Map) return readListing(content as Variables)
  throw new Error('it is JSON, but not an object')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's message quotes what stands there.
    throw new Error(text.trim() ? 'not JSON' : 'it prints nothing')
  }
}

/**
 * Reads what an inventory script prints for `--list`: groups with hosts, children and vars, and in `_meta.hostvars` the
 * variables of each host (Ansible's builtin.script inventory plugin).
 * @throws {Error} in words, without what stands there
 */
export function readListing(content: Variables): AnsibleInventory {
  const inventory = emptyInventory()
  const hostvars = sectionOf(content.get('_meta'), { key: 'hostvars', of: '_meta' })
  if (!hostvars) throw new Error('it has no _meta.hostvars: a script must print the variables of all hosts at once')
  for (const [name, group] of content) if (name !== '_meta') readGroup(inventory, name, group)
  for (const [name, variables] of hostvars as Variables) {
    const group = ensureGroup(inventory, 'all')
    addHosts(inventory, { names: [name], group, variables: mappingOf(variables, `the variables of ${name}`) })
  }
  return inventory
}

/** A group is a mapping, or a list of its hosts alone. */
function readGroup(inventory: AnsibleInventory, name: string, content: unknown): void {
  const group = ensureGroup(inventory, name)
  const sections = Array.isArray(content) ? new Map([['hosts', content]]) : mappingOf(content, `the group ${name}`)
  const texts = (key: string) => textsOf(sections.get(key), `${key} of the group ${name}`)
  addHosts(inventory, { names: texts('hosts'), group, variables: new Map() })
  for (const child of texts('children')) {
    ensureGroup(inventory, child)
    group.children.add(child)
  }
  for (const [variable, value] of sectionOf(sections, { key: 'vars', of: name }) ?? [])
    setVariable(group, variable, value)
  const unknown = [...sections.keys()].find((key) => !['hosts', 'children', 'vars'].includes(key))
  if (unknown !== undefined) throw new Error(`the group ${name} has the key ${JSON.stringify(unknown)}`)
}

function sectionOf(content: unknown, { key, of }: { key: string; of: string }): Variables | undefined {
  const section = content instanceof Map ? (content.get(key) as unknown) : undefined
  return section === undefined ? undefined : mappingOf(section, `${key} of ${of}`)
}

function mappingOf(content: unknown, where: string): Variables {
  if (content instanceof Map) return content as Variables
  throw new Error(`${where} must be an object`)
}

function textsOf(content: unknown, where: string): string[] {
  if (content === undefined) return []
  if (Array.isArray(content) && content.every((item) => typeof item === 'string')) return content
  throw new Error(`${where} must be a list of names`)
}

/** Makes of parsed JSON what `readListing` takes: Maps, and for what Ansible writes of a vaulted or unsafe value that value. */
function toMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toMaps)
  if (typeof value !== 'object' || value === null) return value
  const content = new Map(Object.entries(value).map(([key, item]) => [key, toMaps(item)]))
  if (content.has('__ansible_vault')) return vaulted
  return content.size === 1 && content.has('__ansible_unsafe') ? content.get('__ansible_unsafe') : content
}
