import { expandHostPattern } from './host-pattern.ts'
import { addHosts, emptyInventory, ensureGroup, setVariable, type AnsibleInventory } from './inventory.ts'
import { readPythonLiteral } from './python-literal.ts'
import { splitWords } from './split-words.ts'

type Section = 'hosts' | 'children' | 'vars'

/** Where a group is spoken of, and whether it is said to be one: by its own section of hosts or children. */
interface Mention {
  lineNumber: number
  as: string
}

interface Reading {
  inventory: AnsibleInventory
  group: string
  section: Section
  declared: Set<string>
  mentioned: Map<string, Mention>
  lineNumber: number
}

// Those at which Python's str.splitlines ends a line.
// oxlint-disable-next-line no-control-regex -- these are among them
const lineEnds = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/

/**
 * Reads an Ansible inventory in INI as Ansible's builtin.ini inventory plugin does.
 * @throws {Error} with the line's number, without what stands there
 */
export function parseIniInventory(text: string): AnsibleInventory {
  const reading: Reading = {
    inventory: emptyInventory(),
    group: 'ungrouped',
    section: 'hosts',
    declared: new Set(['all', 'ungrouped']),
    mentioned: new Map(),
    lineNumber: 0,
  }
  for (const line of text.split(lineEnds)) {
    reading.lineNumber += 1
    const content = line.trim()
    if (!content || /^[#;]/.test(content)) continue
    try {
      if (!readHeader(content, reading)) readLine(content, reading)
    } catch (error) {
      throw atLine(reading.lineNumber, error instanceof Error ? error.message : String(error), error)
    }
  }
  refuseUndeclared(reading)
  return reading.inventory
}

function readHeader(content: string, reading: Reading): boolean {
  const [, group, section = 'hosts'] = /^\[([^:\]\s]+)(?::([\p{L}\p{N}_]+))?\]\s*(?:#.*)?$/u.exec(content) ?? []
  if (group === undefined) {
    if (content.startsWith('[') && content.endsWith(']')) throw new Error(whatSectionsAre)
    return false
  }
  if (!isSection(section)) throw new Error(whatSectionsAre)
  reading.group = group
  reading.section = section
  ensureGroup(reading.inventory, group)
  if (section === 'vars') mention(group, `[${group}:vars]`, reading)
  else reading.declared.add(group)
  return true
}

const whatSectionsAre = 'a section is [group], [group:children] or [group:vars]'

function isSection(text: string): text is Section {
  return text === 'hosts' || text === 'children' || text === 'vars'
}

function readLine(content: string, reading: Reading): void {
  const { inventory, group, section } = reading
  switch (section) {
    case 'hosts':
      return readHosts(content, reading)
    case 'children': {
      const [, child] = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(content) ?? []
      if (child === undefined) throw new Error('a child is the name of a group alone')
      ensureGroup(inventory, group).children.add(child)
      mention(child, `[${group}:children]`, reading)
      return
    }
    case 'vars': {
      const equals = content.indexOf('=')
      if (equals < 0) throw new Error('a variable is name=value')
      const value = readPythonLiteral(content.slice(equals + 1).trim())
      setVariable(ensureGroup(inventory, group), content.slice(0, equals).trim(), value)
    }
  }
}

function readHosts(content: string, { inventory, group }: Reading): void {
  const [pattern = '', ...pairs] = splitWords(content)
  if (pattern === '---') throw new Error('it begins like YAML: call the file .yml')
  const { names, port } = expandHostPattern(pattern)
  if (pattern.endsWith(':')) throw new Error('a host ends in ":", and no port follows')
  const variables = new Map(pairs.map(readPair))
  addHosts(inventory, { names, group: ensureGroup(inventory, group), port, variables })
}

function readPair(text: string): [string, unknown] {
  const equals = text.indexOf('=')
  if (equals < 0) throw new Error('a variable is name=value')
  return [text.slice(0, equals), readPythonLiteral(text.slice(equals + 1))]
}

function mention(group: string, as: string, { mentioned, lineNumber }: Reading): void {
  if (!mentioned.has(group)) mentioned.set(group, { lineNumber, as })
}

/** A group that only [group:vars] or [other:children] speaks of is most often misspelt: Ansible refuses the file. */
function refuseUndeclared({ declared, mentioned }: Reading): void {
  for (const [group, { lineNumber, as }] of mentioned)
    if (!declared.has(group)) throw atLine(lineNumber, `${as} names the group ${group}, which is not declared`)
}

function atLine(lineNumber: number, message: string, cause?: unknown): Error {
  return new Error(`line ${lineNumber}: ${message}`, { cause })
}
