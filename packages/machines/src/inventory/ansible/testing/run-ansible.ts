import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { AnsibleHost } from '../resolve-hosts.ts'

/** What the real `ansible-inventory --list` makes of a file. */
export type AnsibleAnswer = { listing: Listing } | { refused: string }

type Listing = { _meta: { hostvars: Record<string, object> } } & Record<
  string,
  { hosts?: string[]; children?: string[] }
>

const program = join(import.meta.dirname, 'list-inventories.py')

/** Has Debian's Ansible, which runs on Debian's Python alone, list inventories. */
export async function runAnsible(paths: readonly string[]): Promise<AnsibleAnswer[]> {
  const { stdout } = await promisify(execFile)('/usr/bin/python3', [program, ...paths], { maxBuffer: 64 * 1024 * 1024 })
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AnsibleAnswer)
}

/** Each host of a listing with its groups, in order of name, and its variables. */
export function hostsOf(listing: Listing): Record<string, { groups: string[]; variables: object }> {
  const { _meta, ...groups } = listing
  const members = (name: string): string[] => {
    const { hosts = [], children = [] } = groups[name] ?? {}
    return [...hosts, ...children.flatMap(members)]
  }
  const names = Object.keys(groups).filter((name) => name !== 'all' && name !== 'ungrouped')
  const groupsOf = (host: string) => names.filter((name) => members(name).includes(host)).toSorted()
  const all = new Set([...members('all'), ...members('ungrouped')])
  return Object.fromEntries(
    [...all].map((host) => [host, { groups: groupsOf(host), variables: _meta.hostvars[host] ?? {} }]),
  )
}

/** The same of what was read here. */
export function comparableHosts(hosts: readonly AnsibleHost[]): ReturnType<typeof hostsOf> {
  const plain = (variables: AnsibleHost['variables']) => JSON.parse(JSON.stringify(variables, mapsAsObjects)) as object
  return Object.fromEntries(
    hosts.map(({ name, groups, variables }) => [name, { groups: groups.toSorted(), variables: plain(variables) }]),
  )
}

function mapsAsObjects(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value as Map<string, unknown>) : value
}
