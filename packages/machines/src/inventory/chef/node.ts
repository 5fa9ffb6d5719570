import { VesemirError } from '@vesemir/core'
import type { AttributePaths } from './options.ts'
import type { SearchRow } from './search.ts'

/**
 * What is wanted of a Chef node. Lists hold what a term is compared with; the `unknown` ones are whatever the node has, since
 * Chef puts an "ERROR …" text where an attribute could not be had.
 */
export interface ChefNode {
  name: string
  environment: Value[]
  tags: Value[]
  roles: Value[]
  recipes: Value[]
  runList: Value[]
  policyName: Value[]
  policyGroup: Value[]
  application: Value[]
  team: Value[]
  address: unknown
  sshPort: unknown
  sshUser: unknown
  jumpHost: unknown
  zone: unknown
  /** When chef-client last finished on it, in seconds since 1970. */
  ohaiTime: unknown
  hostKeys: { ed25519: unknown; ecdsa: unknown; rsa: unknown }
}

type Value = string | number | boolean

/** Gives what to ask of each node: the name of an answer's field, and the path of the attribute. */
export function wantedAttributes(paths: AttributePaths): Record<string, string[]> {
  return {
    name: ['name'],
    environment: ['chef_environment'],
    tags: ['tags'],
    roles: ['roles'],
    recipes: ['recipes'],
    runList: ['run_list'],
    policyName: ['policy_name'],
    policyGroup: ['policy_group'],
    application: paths.application,
    team: paths.team,
    ...askedFor('address', paths.address),
    ...askedFor('sshPort', paths.sshPort),
    ...askedFor('sshUser', paths.sshUser),
    ...askedFor('jumpHost', paths.jumpHost),
    ...askedFor('zone', paths.zone),
    ohaiTime: ['ohai_time'],
    ed25519: ['keys', 'ssh', 'host_ed25519_public'],
    ecdsa: ['keys', 'ssh', 'host_ecdsa_public'],
    rsa: ['keys', 'ssh', 'host_rsa_public'],
  }
}

/** Reads a row of the answer to `wantedAttributes`. */
export function readNode(row: SearchRow, paths: AttributePaths): ChefNode {
  if (typeof row.name !== 'string') {
    throw new VesemirError('INVENTORY_ANSWER_INVALID', 'the Chef server answers a search with a node that has no name')
  }
  return {
    name: row.name,
    environment: valuesIn(row.environment),
    tags: valuesIn(row.tags),
    roles: valuesIn(row.roles),
    recipes: valuesIn(row.recipes),
    runList: valuesIn(row.runList),
    policyName: valuesIn(row.policyName),
    policyGroup: valuesIn(row.policyGroup),
    application: valuesIn(row.application),
    team: valuesIn(row.team),
    address: firstOf('address', { row, paths: paths.address }),
    sshPort: firstOf('sshPort', { row, paths: paths.sshPort }),
    sshUser: firstOf('sshUser', { row, paths: paths.sshUser }),
    jumpHost: firstOf('jumpHost', { row, paths: paths.jumpHost }),
    zone: firstOf('zone', { row, paths: paths.zone }),
    ohaiTime: row.ohaiTime,
    hostKeys: { ed25519: row.ed25519, ecdsa: row.ecdsa, rsa: row.rsa },
  }
}

/** A Chef server knows no list indices: what is asked for is the list. */
function askedFor(name: string, paths: readonly string[][] = []): Record<string, string[]> {
  return Object.fromEntries(paths.map((path, index) => [numbered(name, index), path.slice(0, listLength(path))]))
}

function numbered(name: string, index: number): string {
  return index === 0 ? name : `${name}${index + 1}`
}

/** The value of the first path at which the node has one; where it has none, whatever is at the first. */
function firstOf(
  name: string,
  { row, paths = [] }: { row: SearchRow; paths: readonly string[][] | undefined },
): unknown {
  const values = paths.map((path, index) => valueAt(row[numbered(name, index)], path.slice(listLength(path))))
  return values.find(isThere) ?? values[0]
}

function listLength(path: readonly string[]): number {
  const index = path.findIndex((key) => /^\d+$/.test(key))
  return index > 0 ? index : path.length
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null
  return valueAt((value as Record<string, unknown>)[key], rest)
}

function isThere(value: unknown): boolean {
  return typeof value === 'string' ? value !== '' && !value.startsWith('ERROR') : value != null
}

function valuesIn(value: unknown): Value[] {
  return [value].flat().filter((item) => ['string', 'number', 'boolean'].includes(typeof item)) as Value[]
}
