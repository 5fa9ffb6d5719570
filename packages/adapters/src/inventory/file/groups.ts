/** What an Ansible inventory says of a host or group, by name. Values are whatever stands there. */
export type Variables = Readonly<Record<string, unknown>>

/** One group of an Ansible inventory, as far as it was read. A host or group can stand in several places. */
export interface Group {
  hosts: Map<string, Variables>
  children: Set<string>
  variables: Variables
}

export type Groups = Map<string, Group>

/** Gives the group of a name, made if it is new. */
export function groupNamed(groups: Groups, name: string): Group {
  const group = groups.get(name) ?? { hosts: new Map(), children: new Set(), variables: {} }
  groups.set(name, group)
  return group
}

/** Adds variables to those that a group already has for a host. */
export function addHost(group: Group, name: string, variables: Variables): void {
  group.hosts.set(name, { ...group.hosts.get(name), ...variables })
}
