import { parseDocument } from 'yaml'
import { z } from 'zod'
import { addHost, groupNamed, type Groups, type Variables } from './groups.ts'
import { expandHostPattern } from './host-pattern.ts'

const Variables = z.record(z.string(), z.unknown()).nullish()

interface YamlGroup {
  hosts?: Record<string, Variables | null | undefined> | null | undefined
  vars?: Variables | null | undefined
  children?: Record<string, YamlGroup | null> | null | undefined
}

const YamlGroup: z.ZodType<YamlGroup> = z.strictObject({
  hosts: z.record(z.string(), Variables).nullish(),
  vars: Variables,
  get children() {
    return z.record(z.string(), YamlGroup.nullable()).nullish()
  },
})

const YamlInventory = z.record(z.string(), YamlGroup.nullable())

/**
 * Reads an Ansible inventory in YAML (Ansible's builtin.yaml inventory plugin).
 * @throws {Error} in words, without what stands in the file.
 */
export function parseYamlInventory(text: string): Groups {
  const content = readYaml(text)
  if (content !== null && typeof content === 'object' && 'plugin' in content) {
    throw new Error(
      'it is the configuration of an Ansible plugin, not an inventory: write what the plugin finds to a file with ' +
        'ansible-inventory --list --yaml --output FILE',
    )
  }
  const inventory = YamlInventory.safeParse(content)
  if (!inventory.success) throw new Error(`it is not an Ansible inventory:\n${z.prettifyError(inventory.error)}`)
  const groups: Groups = new Map()
  for (const [name, group] of Object.entries(inventory.data)) readGroup(groups, name, group ?? {})
  return groups
}

/** A tag such as Ansible's `!vault` is passed over, and its text is a text like any other. */
function readYaml(text: string): unknown {
  const document = parseDocument(text, { logLevel: 'error' })
  const [error] = document.errors
  if (!error) return document.toJS()
  // The parser's own message quotes the lines around the mistake, and a password may stand there.
  const [at] = error.linePos ?? []
  throw new Error(`it is not valid YAML at line ${at?.line}, column ${at?.col} (${error.code})`)
}

function readGroup(groups: Groups, name: string, { hosts, vars, children }: YamlGroup): void {
  const group = groupNamed(groups, name)
  group.variables = { ...group.variables, ...vars }
  for (const [pattern, variables] of Object.entries(hosts ?? {})) {
    const { names, port } = expandHostPattern(pattern)
    const own = { ...(port !== undefined && { ansible_port: port }), ...variables }
    for (const host of names) addHost(group, host, own)
  }
  for (const [child, content] of Object.entries(children ?? {})) {
    group.children.add(child)
    readGroup(groups, child, content ?? {})
  }
}
