import { createHash } from 'node:crypto'

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
      ipaddress: '10.0.0.1',
      keys: { ssh: { host_ed25519_public: hostKeyBlob('ssh-ed25519', name) } },
      ...parts.automatic,
    },
  }
}

/** Gives what looks like a public key's base64 blob: the type, then 32 bytes that follow from the seed. */
export function hostKeyBlob(type: string, seed: string): string {
  const key = createHash('sha256').update(seed).digest()
  return Buffer.concat([lengthOf(type), Buffer.from(type), lengthOf(key), key]).toString('base64')
}

function lengthOf(bytes: { length: number }): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return length
}
