import { addHost, groupNamed, type Group, type Groups } from './groups.ts'
import { expandHostPattern } from './host-pattern.ts'

type Section = 'hosts' | 'children' | 'vars'

/**
 * Reads an Ansible inventory in INI (Ansible's builtin.ini inventory plugin). All values are texts.
 * @throws {Error} with the line's number, without what stands there.
 */
export function parseIniInventory(text: string): Groups {
  const groups: Groups = new Map()
  let group = groupNamed(groups, 'ungrouped')
  let section: Section = 'hosts'
  for (const [index, line] of text.split('\n').entries()) {
    const content = withoutComment(line).trim()
    if (!content) continue
    try {
      const header = readHeader(content)
      if (header) {
        group = groupNamed(groups, header.group)
        section = header.section
      } else readLine(content, { groups, group, section })
    } catch (error) {
      throw new Error(`line ${index + 1}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }
  return groups
}

function readHeader(content: string): { group: string; section: Section } | undefined {
  if (!content.startsWith('[')) return undefined
  const [, group, section = 'hosts'] = /^\[([^:\]\s]+)(?::(\w+))?\]$/.exec(content) ?? []
  if (group && isSection(section)) return { group, section }
  throw new Error('a section is [group], [group:children] or [group:vars]')
}

function isSection(text: string): text is Section {
  return text === 'hosts' || text === 'children' || text === 'vars'
}

function readLine(content: string, at: { groups: Groups; group: Group; section: Section }): void {
  const { groups, group, section } = at
  switch (section) {
    case 'hosts':
      return readHosts(content, group)
    case 'children': {
      if (/\s/.test(content)) throw new Error('a child is the name of a group alone')
      group.children.add(content)
      groupNamed(groups, content)
      return
    }
    case 'vars': {
      const [name, value] = readPair(content)
      group.variables = { ...group.variables, [name]: unquoted(value) }
    }
  }
}

function readHosts(content: string, group: Group): void {
  const [pattern = '', ...pairs] = splitWords(content)
  const { names, port } = expandHostPattern(pattern)
  const variables = Object.fromEntries(pairs.map(readPair))
  const own = { ...(port !== undefined && { ansible_port: port }), ...variables }
  for (const name of names) addHost(group, name, own)
}

function readPair(text: string): [string, string] {
  const [, name, value] = /^([^=\s]+)\s*=\s*(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) throw new Error('a variable is name=value')
  return [name, value]
}

/** Splits as a shell does: what is in quotes is one word, and loses them. */
function splitWords(line: string): string[] {
  if (/["']/.test(line.replaceAll(/"[^"]*"|'[^']*'/g, ''))) throw new Error('a quote is not closed')
  const words = line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []
  return words.map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'))
}

function unquoted(value: string): string {
  return /^(["'])(.*)\1$/s.exec(value)?.[2] ?? value
}

/** A comment begins with # or ; at the start of a line, or with # after a space, outside of quotes. */
function withoutComment(line: string): string {
  if (/^\s*[#;]/.test(line)) return ''
  return /^(?:[^\s"'#]|"[^"]*"|'[^']*'|["']|#|\s(?!#))*/.exec(line)?.[0] ?? ''
}
