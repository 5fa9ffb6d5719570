import { expandHostPattern } from './host-pattern.ts'
import {
  addHosts,
  emptyInventory,
  ensureGroup,
  setVariable,
  type AnsibleInventory,
  type Variables,
} from './inventory.ts'
import { isListing, readListing } from './parse-listing.ts'
import { readYaml } from './read-yaml.ts'
import { ansibleHint } from './unread.ts'

/**
 * Reads an Ansible inventory in YAML as Ansible's builtin.yaml inventory plugin does; but what that skips with a warning is
 * refused. What `ansible-inventory --list` prints is read too.
 * @throws {Error} in words, without what stands in the file
 */
export function parseYamlInventory(text: string): AnsibleInventory {
  const content = readYaml(text)
  if (content === null) return emptyInventory()
  const groups = mappingAt(content, 'the file')
  if (groups.has('plugin')) {
    throw new Error(`it is the configuration of an Ansible plugin: ${ansibleHint}`)
  }
  if (isListing(groups)) return readListing(groups)
  const inventory = emptyInventory()
  for (const [name, group] of groups) readGroup(inventory, name, group)
  return inventory
}

function readGroup(inventory: AnsibleInventory, name: string, content: unknown): void {
  const group = ensureGroup(inventory, name)
  if (content === null) return
  for (const [key, section] of mappingAt(content, `the group ${name}`)) {
    const where = `${key} of the group ${name}`
    switch (key) {
      case 'vars':
        for (const [variable, value] of sectionAt(section, where)) setVariable(group, variable, value)
        break
      case 'children':
        for (const [child, of] of sectionAt(section, where)) {
          readGroup(inventory, child, of)
          group.children.add(child)
        }
        break
      case 'hosts':
        for (const [pattern, value] of sectionAt(section, where)) {
          const variables = value === null ? new Map() : mappingAt(value, `the host ${pattern}`)
          addHosts(inventory, { ...expandHostPattern(pattern), group, variables })
        }
        break
      default:
        throw new Error(`the group ${name} has the key ${JSON.stringify(key)}: a group has hosts, children and vars`)
    }
  }
}

/** A text stands for itself alone, without anything more said of it. */
function sectionAt(content: unknown, where: string): Variables {
  if (content === null) return new Map()
  return typeof content === 'string' ? new Map([[content, null]]) : mappingAt(content, where)
}

function mappingAt(content: unknown, where: string): Variables {
  if (!(content instanceof Map)) throw new Error(`it is not an Ansible inventory: ${where} must be a mapping`)
  for (const key of content.keys())
    if (typeof key !== 'string')
      throw new Error(`${where} has the key ${String(key)}, which is no text: put it in quotes`)
  return content as Variables
}
