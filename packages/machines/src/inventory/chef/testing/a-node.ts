import { createHash } from 'node:crypto'
import { hostKeyBlob } from '@vesemir/testing/host-key-blob'

/** A node as Chef's API takes it. */
export interface GoiardiNode {
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

interface NodeParts {
  environment?: string
  tags?: string[]
  application?: unknown
  team?: string
  runList?: string[]
  /** What ohai and chef-client would have found out, over an address and an Ed25519 host key. */
  automatic?: Record<string, unknown>
  normal?: Record<string, unknown>
}

/** Builds a node of payments' production, tagged `web`. */
export function aNode(name: string, parts: NodeParts = {}): GoiardiNode {
  const { environment = 'production', tags = ['web'], application = 'payments', team = 'core' } = parts
  return {
    name,
    json_class: 'Chef::Node',
    chef_type: 'node',
    chef_environment: environment,
    run_list: parts.runList ?? [],
    normal: { tags, application, team, ...parts.normal },
    default: {},
    override: {},
    automatic: {
      ipaddress: addressOf(name),
      ohai_time: Date.now() / 1000,
      keys: { ssh: { host_ed25519_public: hostKeyBlob('ssh-ed25519', name) } },
      ...parts.automatic,
    },
  }
}

/** An address of its own for each name. */
function addressOf(name: string): string {
  return ['10', ...createHash('sha256').update(name).digest().subarray(0, 3)].join('.')
}
