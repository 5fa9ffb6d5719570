/** What an Ansible inventory says of a host or group, by name. Values are whatever stands there. */
export type Variables = ReadonlyMap<string, unknown>

/** One group of an Ansible inventory. */
export interface Group {
  hosts: Set<string>
  children: Set<string>
  variables: Map<string, unknown>
  /** Between groups of one depth, the variables of the highest hold. */
  priority: number
}

/** An Ansible inventory as it was read: hosts and groups by name. */
export interface AnsibleInventory {
  groups: Map<string, Group>
  hosts: Map<string, Map<string, unknown>>
}

interface HostLine {
  names: readonly string[]
  group: Group
  port?: number | undefined
  variables: Variables
}

/** Returns an inventory of no hosts. Every inventory has the groups `all` and `ungrouped`. */
export function emptyInventory(): AnsibleInventory {
  const inventory: AnsibleInventory = { groups: new Map(), hosts: new Map() }
  ensureGroup(inventory, 'all')
  ensureGroup(inventory, 'ungrouped')
  return inventory
}

/** Returns the group of a name, made if it is new. */
export function ensureGroup({ groups }: AnsibleInventory, name: string): Group {
  const group = groups.get(name) ?? { hosts: new Set(), children: new Set(), variables: new Map(), priority: 1 }
  groups.set(name, group)
  return group
}

/** Adds hosts to a group. A port counts where a host is named for the first time; variables replace earlier ones. */
export function addHosts({ hosts }: AnsibleInventory, { names, group, port, variables }: HostLine): void {
  for (const name of names) {
    const known = hosts.get(name)
    const own = known ?? new Map<string, unknown>(port === undefined ? [] : [['ansible_port', port]])
    for (const [variable, value] of variables) own.set(variable, value)
    hosts.set(name, own)
    group.hosts.add(name)
  }
}

/**
 * Sets a variable of a group. `ansible_group_priority` is no variable but the group's rank.
 * @throws {Error} for a priority that is no number
 */
export function setVariable(group: Group, name: string, value: unknown): void {
  if (name !== 'ansible_group_priority') return void group.variables.set(name, value)
  const priority = typeof value === 'string' ? Number(value.trim() || Number.NaN) : Number(value)
  if (!Number.isFinite(priority)) throw new Error('ansible_group_priority must be a number')
  group.priority = Math.trunc(priority)
}
