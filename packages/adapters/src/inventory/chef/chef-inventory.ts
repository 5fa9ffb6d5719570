import { durationMs } from '@vesemir/contract'
import type { Found, Inventory } from '@vesemir/core'
import { readKnownHosts } from '../../remote-shell/ssh/known-hosts.ts'
import type { InventoryDeps } from '../deps.ts'
import { toHostTargets } from '../host-target.ts'
import { onlyNamed, refuseMissing } from '../named.ts'
import { createChefClient } from './chef-client.ts'
import { readIdentity } from './credentials.ts'
import { hostKeysOf } from './host-keys.ts'
import { matchesQuery } from './match-node.ts'
import { readNode, wantedAttributes, type ChefNode } from './node.ts'
import { ChefOptions } from './options.ts'
import { boxQueries, hostQueries, renderQuery, type Query } from './query.ts'
import { searchNodes } from './search.ts'
import { sortOutStale } from './stale-nodes.ts'

/** The inventory that a Chef server is: nodes are found by search, and each is checked again here. */
export const chefInventory = { options: ChefOptions, create: createChefInventory }

/** Keys and files are read anew for every call, so that a key can be changed without a restart. */
function createChefInventory(options: ChefOptions, deps: InventoryDeps): Inventory {
  const context = { options, deps }
  return {
    async findHosts(spec, signal) {
      const nodes = await findNodes(hostQueries(spec, options.attributes), context, signal)
      return toFound(onlyNamed(nodes, spec), { ...context, onStale: options.onStale })
    },
    async findBoxes(selection, spec, signal) {
      const nodes = await findNodes(boxQueries(selection, spec.environment), context, signal)
      refuseMissing(nodes, { selection, spec, source: 'Chef' })
      // A box that is passed over would go on sending traffic to a host that is being restarted.
      return toFound(nodes, { ...context, onStale: options.onStale === 'skip' ? 'tell' : options.onStale })
    },
  }
}

interface Context {
  options: ChefOptions
  deps: InventoryDeps
}

/** Gives the nodes that any of the queries finds, each once, by name. */
async function findNodes(queries: Query[], { options, deps }: Context, signal?: AbortSignal): Promise<ChefNode[]> {
  const { attributes, pageSize, signing } = options
  const searches = queries.map((query) => ({ query, rendered: renderQuery(query) }))
  const identity = await readIdentity(options, deps.env ?? process.env)
  const client = createChefClient({ identity, signing, timeoutMs: durationMs(options.timeout), clock: deps.clock })
  const found = new Map<string, ChefNode>()
  for (const { query, rendered } of searches) {
    const search = { query: rendered, attributes: wantedAttributes(attributes), pageSize }
    const nodes = (await searchNodes(client, search, signal)).map(readNode)
    for (const node of nodes) if (matchesQuery(node, { query, attributes })) found.set(node.name, node)
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

async function toFound(
  found: readonly ChefNode[],
  { options, deps, onStale }: Context & { onStale: ChefOptions['onStale'] },
): Promise<Found> {
  const { attributes } = options
  const staleAfterMs = durationMs(options.staleAfter)
  const { nodes, warnings } = sortOutStale(found, { staleAfterMs, onStale, nowMs: deps.clock.now() })
  const labels = {
    source: 'Chef',
    address: attributes.address.join('.'),
    port: attributes.sshPort?.join('.') ?? '',
    user: attributes.sshUser?.join('.') ?? '',
    hostKeys: 'Chef (keys.ssh)',
  }
  const knownHosts = await readKnownHosts(options.knownHosts)
  return { hosts: toHostTargets(nodes.map(described), { labels, ssh: deps.ssh, knownHosts }), warnings }
}

function described(node: ChefNode) {
  const { name, address, sshPort: port, sshUser: user, zone } = node
  return { name, address, port, user, zone, hostKeys: hostKeysOf(node) }
}
