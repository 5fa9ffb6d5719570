import { durationMs } from '@vesemir/contract'
import { VesemirError, type Found, type Inventory } from '@vesemir/core'
import { createFetch } from '../../http/create-fetch.ts'
import { readKnownHosts } from '../../remote-shell/ssh/known-hosts.ts'
import type { InventoryDeps } from '../deps.ts'
import { toFound } from '../host-target.ts'
import { listed } from '../listed.ts'
import { environmentOf, onlyNamed, refuseMissing } from '../named.ts'
import { createChefClient } from './chef-client.ts'
import { readIdentity } from './credentials.ts'
import { hostKeysOf } from './host-keys.ts'
import { compareNode, type Comparison } from './match-node.ts'
import { readNode, wantedAttributes, type ChefNode } from './node.ts'
import { ChefOptions } from './options.ts'
import { boxQueries, hostQueries, renderQuery, type Query } from './query.ts'
import { searchNodes } from './search.ts'
import { excludeStaleNodes } from './stale-nodes.ts'

/** The inventory that a Chef server is: nodes are found by search, and each is checked again here. */
export const chefInventory = { options: ChefOptions, create: createChefInventory }

/** Keys and files are read again for every call, so that a key can be changed without a restart. */
function createChefInventory(options: ChefOptions, deps: InventoryDeps): Inventory {
  const context = { options, deps }
  return {
    async findHosts(spec, signal) {
      const found = await findNodes(hostQueries(spec, options.attributes), context, signal)
      return describeFound({ ...found, nodes: onlyNamed(found.nodes, spec) }, { ...context, onStale: options.onStale })
    },
    async findBoxes(selection, spec, signal) {
      const found = await findNodes(boxQueries(selection, environmentOf(selection, spec)), context, signal)
      refuseMissing(found.nodes, { selection, spec, source: 'Chef' })
      // A box that is passed over would go on sending traffic to a host that is being restarted.
      if (found.others.length > 0) throw new VesemirError('INVENTORY_INCOMPLETE', listed(found.others))
      return describeFound(found, { ...context, onStale: options.onStale === 'skip' ? 'tell' : options.onStale })
    },
  }
}

interface Context {
  options: ChefOptions
  deps: InventoryDeps
}

interface FoundNodes {
  nodes: ChefNode[]
  /** Sentences about nodes that the server found by what it does not show of them. */
  unseen: string[]
  /** Sentences about nodes that the server found, and that say otherwise of themselves. */
  others: string[]
  /** The queries as they were sent. */
  searched: string
}

/** Finds the nodes that any of the queries means, each once, by name. */
async function findNodes(queries: Query[], { options, deps }: Context, signal?: AbortSignal): Promise<FoundNodes> {
  const { attributes, pageSize, signing } = options
  const searches = queries.map((query) => ({ query, rendered: renderQuery(query) }))
  const env = deps.env ?? process.env
  const { certificates, ...identity } = await readIdentity(options, env)
  const fetch = createFetch({ env, certificates })
  const timeoutMs = durationMs(options.timeout)
  const client = createChefClient({ identity, signing, timeoutMs, fetch, clock: deps.clock })
  const nodes = new Map<string, ChefNode>()
  const unseen = new Map<string, string>()
  const others = new Map<string, string>()
  for (const { query, rendered } of searches) {
    const search = { query: rendered, attributes: wantedAttributes(attributes), pageSize }
    for (const row of await searchNodes(client, search, signal)) {
      const node = readNode(row, attributes)
      const compared = compareNode(node, { query, attributes })
      if (compared.is === 'another') others.set(node.name, sayAnother(node, compared))
      if (compared.is === 'unseen') unseen.set(node.name, sayUnseen(node, compared))
      if (compared.is === 'meant' || compared.is === 'unseen') nodes.set(node.name, node)
    }
  }
  return {
    nodes: [...nodes.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    unseen: [...unseen.values()],
    others: [...others].flatMap(([name, sentence]) => (nodes.has(name) ? [] : [sentence])),
    searched: `${searches.map(({ rendered }) => rendered).join(' | ')} (${identity.serverUrl})`,
  }
}

function sayUnseen({ name }: ChefNode, { terms }: Comparison & { is: 'unseen' }): string {
  const fields = terms.map(({ field, value }) => `${field}:${value}`).join(' and ')
  return `Chef finds ${name} by ${fields}, which its node does not have; the host is used anyway`
}

function sayAnother({ name }: ChefNode, { term, found }: Comparison & { is: 'another' }): string {
  const { field, value } = term
  return `Chef finds ${name} by ${field}:${value}, but its node has ${field} ${JSON.stringify(found)}`
}

async function describeFound(
  { nodes: found, unseen, others, searched }: FoundNodes,
  { options, deps, onStale }: Context & { onStale: ChefOptions['onStale'] },
): Promise<Found> {
  const { attributes } = options
  const leftOut = others.map((sentence) => `${sentence}: it is left out`)
  const staleAfterMs = durationMs(options.staleAfter)
  const { nodes, warnings } = excludeStaleNodes(found, { staleAfterMs, onStale, nowMs: deps.clock.now() })
  const labels = {
    source: 'Chef',
    address: nameOf(attributes.address),
    port: nameOf(attributes.sshPort),
    user: nameOf(attributes.sshUser),
    hostKeys: 'Chef (keys.ssh)',
  }
  const knownHosts = await readKnownHosts(options.knownHosts)
  const { hosts, warnings: more } = toFound(nodes.map(described), { labels, ssh: deps.ssh, knownHosts })
  return { hosts, warnings: [...warnings, ...unseen, ...leftOut, ...more], searched }
}

function nameOf(paths: readonly string[][] = []): string {
  return paths.map((path) => path.join('.')).join(' or ')
}

function described(node: ChefNode) {
  const { name, address, sshPort: port, sshUser: user, jumpHost: jumpHosts, zone } = node
  return { name, address, port, user, jumpHosts, zone, hostKeys: hostKeysOf(node) }
}
