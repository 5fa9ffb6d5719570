import { VesemirError } from '@vesemir/core'
import type { AttributePaths } from './options.ts'
import type { SearchRow } from './search.ts'

/**
 * What is wanted of a Chef node. Lists hold what a term is compared with; the `unknown` ones are whatever the node has, since
 * Chef puts an "ERROR …" text where an attribute could not be had.
 */
export interface ChefNode {
  name: string
  environment: string[]
  tags: string[]
  roles: string[]
  recipes: string[]
  runList: string[]
  policyName: string[]
  policyGroup: string[]
  application: string[]
  team: string[]
  address: unknown
  sshPort: unknown
  sshUser: unknown
  zone: unknown
  /** When chef-client last finished on it, in seconds since 1970. */
  ohaiTime: unknown
  hostKeys: { ed25519: unknown; ecdsa: unknown; rsa: unknown }
}

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
    address: paths.address,
    ...(paths.sshPort && { sshPort: paths.sshPort }),
    ...(paths.sshUser && { sshUser: paths.sshUser }),
    ...(paths.zone && { zone: paths.zone }),
    ohaiTime: ['ohai_time'],
    ed25519: ['keys', 'ssh', 'host_ed25519_public'],
    ecdsa: ['keys', 'ssh', 'host_ecdsa_public'],
    rsa: ['keys', 'ssh', 'host_rsa_public'],
  }
}

/** Reads a row of the answer to `wantedAttributes`. */
export function readNode(row: SearchRow): ChefNode {
  if (typeof row.name !== 'string') {
    throw new VesemirError('INVENTORY_ANSWER_INVALID', 'the Chef server answers a search with a node that has no name')
  }
  return {
    name: row.name,
    environment: texts(row.environment),
    tags: texts(row.tags),
    roles: texts(row.roles),
    recipes: texts(row.recipes),
    runList: texts(row.runList),
    policyName: texts(row.policyName),
    policyGroup: texts(row.policyGroup),
    application: texts(row.application),
    team: texts(row.team),
    address: row.address,
    sshPort: row.sshPort,
    sshUser: row.sshUser,
    zone: row.zone,
    ohaiTime: row.ohaiTime,
    hostKeys: { ed25519: row.ed25519, ecdsa: row.ecdsa, rsa: row.rsa },
  }
}

function texts(value: unknown): string[] {
  return [value].flat().filter((item) => typeof item === 'string')
}
