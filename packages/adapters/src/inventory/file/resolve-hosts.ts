import { groupNamed, type Group, type Groups, type Variables } from './groups.ts'

/** A host of an Ansible inventory, with all that holds for it. */
export interface AnsibleHost {
  name: string
  /** Every group that it is in, directly or through others, but for `all` and `ungrouped`. */
  groups: string[]
  variables: Variables
}

/**
 * Gives each host with its groups and variables. As in Ansible, a host's own variables hold over its groups', a group's
 * over its parents', and between groups of one depth the last by name.
 * @throws {Error} when a group is its own ancestor, in words.
 */
export function resolveHosts(groups: Groups): AnsibleHost[] {
  const all = groupNamed(groups, 'all')
  const depths = new Map<string, number>()
  for (const name of groups.keys()) if (name !== 'all') measure(name, { groups, depths, path: [] })

  const found = new Map<string, { own: Variables; groups: Set<string> }>()
  for (const [name, group] of groups) {
    for (const [host, variables] of group.hosts) {
      const entry = found.get(host) ?? { own: {}, groups: new Set<string>() }
      found.set(host, { own: { ...entry.own, ...variables }, groups: entry.groups.add(name) })
    }
  }
  const parents = parentsOf(groups)
  return [...found].map(([name, entry]) => {
    const around = [...withAncestors(entry.groups, parents)].filter((group) => group !== 'all')
    const ordered = around.toSorted((a, b) => depths.get(a)! - depths.get(b)! || (a < b ? -1 : 1))
    const layers = [all, ...ordered.map((group) => groups.get(group) as Group)].map(({ variables }) => variables)
    const variables = Object.assign({}, ...layers, entry.own) as Variables
    return { name, groups: ordered.filter((group) => group !== 'ungrouped'), variables }
  })
}

/** How far below `all` a group is, by the longest way: its parents are measured first. */
function measure(
  name: string,
  { groups, depths, path }: { groups: Groups; depths: Map<string, number>; path: string[] },
): void {
  if (path.includes(name)) throw new Error(`the group ${name} is its own ancestor: ${[...path, name].join(' > ')}`)
  const depth = path.length + 1
  if ((depths.get(name) ?? 0) >= depth) return
  depths.set(name, depth)
  for (const child of groupNamed(groups, name).children) measure(child, { groups, depths, path: [...path, name] })
}

function parentsOf(groups: Groups): Map<string, string[]> {
  const parents = new Map<string, string[]>()
  for (const [name, { children }] of groups) {
    for (const child of children) parents.set(child, [...(parents.get(child) ?? []), name])
  }
  return parents
}

function withAncestors(names: ReadonlySet<string>, parents: ReadonlyMap<string, string[]>): Set<string> {
  const reached = new Set(names)
  // A set that grows while it is gone through gives what was added too.
  for (const name of reached) for (const parent of parents.get(name) ?? []) reached.add(parent)
  return reached
}
