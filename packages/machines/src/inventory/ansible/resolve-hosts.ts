import type { AnsibleInventory, Group, Variables } from './inventory.ts'

/** A host of an Ansible inventory, with all that holds for it. */
export interface AnsibleHost {
  name: string
  /** Every group that it is in, directly or through others, but for `all` and `ungrouped`. */
  groups: string[]
  variables: Variables
}

/** What the folders group_vars and host_vars say, by group and by host. */
export interface VariableFiles {
  groups: ReadonlyMap<string, Variables>
  hosts: ReadonlyMap<string, Variables>
}

const noFiles: VariableFiles = { groups: new Map(), hosts: new Map() }

/**
 * Returns each host with its groups and variables. As in Ansible (variable precedence, and `sort_groups` of
 * inventory/helpers.py) a host's own variables hold over its groups', files over the inventory, a group over its parents, and
 * between groups of one depth the highest priority, then the last by name.
 * @throws {Error} when a group is its own ancestor, in words
 */
export function resolveHosts(inventory: AnsibleInventory, files = noFiles): AnsibleHost[] {
  const { groups, hosts } = inventory
  const depths = measureDepths(groups)
  const parents = parentsOf(groups)
  const memberships = membershipsOf(groups)
  const layer = (name: string): Variables => groups.get(name)?.variables ?? new Map()
  const file = (name: string): Variables => files.groups.get(name) ?? new Map()
  const rank = (name: string) => [depths.get(name) ?? 0, groups.get(name)?.priority ?? 1] as const

  return [...hosts].map(([name, own]) => {
    const around = [...withAncestors(memberships.get(name) ?? [], parents)].filter((group) => group !== 'all')
    const ordered = around.toSorted((a, b) => {
      const [[depthA, priorityA], [depthB, priorityB]] = [rank(a), rank(b)]
      return depthA - depthB || priorityA - priorityB || (a < b ? -1 : 1)
    })
    const layers = [layer('all'), ...ordered.map(layer), file('all'), ...ordered.map(file), own]
    const last = files.hosts.get(name) ?? new Map<string, unknown>()
    const variables = new Map([...layers, last].flatMap((variablesOf) => [...variablesOf]))
    return { name, groups: ordered.filter((group) => group !== 'ungrouped'), variables }
  })
}

/** How far below `all` each group is, by the longest way. Every group is in `all`, so that it can be in none itself. */
function measureDepths(groups: ReadonlyMap<string, Group>): Map<string, number> {
  const depths = new Map<string, number>()
  const measureChildren = (name: string, path: string[]) => {
    for (const child of groups.get(name)?.children ?? []) measure(child, path)
  }
  const measure = (name: string, path: string[]) => {
    if (name === 'all' || path.includes(name))
      throw new Error(`the group ${name} is its own ancestor: ${[...path, name].join(' > ')}`)
    const depth = path.length + 1
    if ((depths.get(name) ?? 0) >= depth) return
    depths.set(name, depth)
    measureChildren(name, [...path, name])
  }
  measureChildren('all', [])
  for (const name of groups.keys()) if (name !== 'all') measure(name, [])
  return depths
}

function parentsOf(groups: ReadonlyMap<string, Group>): Map<string, string[]> {
  const parents = new Map<string, string[]>()
  for (const [name, { children }] of groups)
    for (const child of children) parents.set(child, [...(parents.get(child) ?? []), name])
  return parents
}

function membershipsOf(groups: ReadonlyMap<string, Group>): Map<string, string[]> {
  const memberships = new Map<string, string[]>()
  for (const [name, { hosts }] of groups)
    for (const host of hosts) memberships.set(host, [...(memberships.get(host) ?? []), name])
  return memberships
}

function withAncestors(names: readonly string[], parents: ReadonlyMap<string, string[]>): Set<string> {
  const reached = new Set(names)
  // A set that grows while it is gone through gives what was added too.
  for (const name of reached) for (const parent of parents.get(name) ?? []) reached.add(parent)
  return reached
}
