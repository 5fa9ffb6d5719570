import { readFile } from 'node:fs/promises'
import { durationMs, type BoxSelection, type DeploymentSpec, type HostTarget } from '@vesemir/contract'
import { VesemirError, type Inventory } from '@vesemir/core'
import type { InventoryDeps } from '../deps.ts'
import { createChefClient } from './chef-client.ts'
import { readIdentity } from './credentials.ts'
import { toHostTargets } from './host-target.ts'
import { parseKnownHosts, type KnownHost } from './known-hosts.ts'
import { matchesQuery } from './match-node.ts'
import { readNode, wantedAttributes, type ChefNode } from './node.ts'
import { ChefOptions } from './options.ts'
import { boxQueries, hostQueries, renderQuery, type Query } from './query.ts'
import { searchNodes } from './search.ts'

/** The inventory that a Chef server is: nodes are found by search, and each is checked again here. */
export const chefInventory = { options: ChefOptions, create: createChefInventory }

/** Keys and files are read anew for every call, so that a key can be changed without a restart. */
function createChefInventory(options: ChefOptions, deps: InventoryDeps): Inventory {
  const context = { options, deps }
  return {
    async findHosts(spec, signal) {
      const nodes = await findNodes(hostQueries(spec, options.attributes), context, signal)
      return toTargets(onlyNamed(nodes, spec), context)
    },
    async findBoxes(selection, spec, signal) {
      const nodes = await findNodes(boxQueries(selection, spec.environment), context, signal)
      refuseMissing(nodes, { selection, spec })
      return toTargets(nodes, context)
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

function onlyNamed(nodes: ChefNode[], { hosts: { only }, application, environment }: DeploymentSpec): ChefNode[] {
  if (!only) return nodes
  const missing = namesMissing(only, nodes)
  if (missing.length === 0) return nodes.filter(({ name }) => only.includes(name))
  const message = `hosts.only names ${missing.join(', ')}: not among the ${nodes.length} hosts of ${application} in ${environment}`
  throw new VesemirError('QUERY_INVALID', message, { details: { missing } })
}

/** A box that is passed over would go on sending traffic to a host that is being restarted. */
function refuseMissing(
  nodes: readonly ChefNode[],
  { selection, spec }: { selection: BoxSelection; spec: DeploymentSpec },
): void {
  const missing = namesMissing(selection.names ?? [], nodes)
  if (missing.length === 0) return
  const message = `loadBalancer.boxes names ${missing.join(', ')}: Chef has no such node in ${spec.environment} that is as the boxes are described`
  throw new VesemirError('QUERY_INVALID', message, { details: { missing } })
}

function namesMissing(names: readonly string[], nodes: readonly ChefNode[]): string[] {
  const found = new Set(nodes.map(({ name }) => name))
  return names.filter((name) => !found.has(name))
}

async function toTargets(nodes: ChefNode[], { options, deps }: Context): Promise<HostTarget[]> {
  const knownHosts = await readKnownHosts(options.knownHosts)
  return toHostTargets(nodes, { attributes: options.attributes, ssh: deps.ssh, knownHosts })
}

async function readKnownHosts(path: string | undefined): Promise<KnownHost[]> {
  if (path === undefined) return []
  try {
    return parseKnownHosts(await readFile(path, 'utf8'))
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code
    throw new VesemirError('CONFIG_INVALID', `the known_hosts file ${path} cannot be read: ${reason}`, { cause })
  }
}
