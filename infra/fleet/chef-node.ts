import type { FleetBox, FleetHost, FleetState } from './fleet-state.ts'

/** A node as Chef's API gives and takes it. */
export interface ChefNode {
  name: string
  json_class: 'Chef::Node'
  chef_type: 'node'
  chef_environment: string
  run_list: string[]
  normal: Record<string, unknown>
  default: Record<string, unknown>
  override: Record<string, unknown>
  automatic: Record<string, unknown>
}

/** Gives a VM's node, as after a run of chef-client. */
export function hostNode(state: FleetState, host: FleetHost, hostKey: string): ChefNode {
  const { application, team, tags } = state
  return aNode(state, host, { hostKey, normal: { tags, application, team }, roles: ['web'], recipes: [application] })
}

/** Gives a box's node, which tags, role and recipes all find. */
export function boxNode(state: FleetState, box: FleetBox, hostKey: string): ChefNode {
  const recipes = ['haproxy', 'haproxy::default']
  return aNode(state, box, { hostKey, normal: { tags: ['haproxy'] }, roles: ['lb'], recipes })
}

interface NodeParts {
  hostKey: string
  normal: Record<string, unknown>
  roles: string[]
  recipes: string[]
}

function aNode(
  state: FleetState,
  { name, address }: { name: string; address: string },
  { hostKey, normal, roles, recipes }: NodeParts,
): ChefNode {
  return {
    name,
    json_class: 'Chef::Node',
    chef_type: 'node',
    chef_environment: state.environment,
    run_list: roles.map((role) => `role[${role}]`),
    normal,
    default: {},
    override: {},
    automatic: {
      ipaddress: address,
      hostname: name,
      fqdn: `${name}.fleet.test`,
      keys: { ssh: { host_ed25519_public: hostKey } },
      roles,
      recipes,
      ohai_time: Date.now() / 1000,
    },
  }
}
