import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChefNode } from './chef-node.ts'
import { chefRequest, type ChefIdentity } from './chef-request.ts'
import type { FleetState } from './fleet-state.ts'
import { startProcess, waitUntilReady } from './processes.ts'
import { findProgram } from './programs.ts'
import { waitFor } from './wait-for.ts'

/** An attribute that says which write of a node a search has found. */
const revisionName = 'fleet_revision'

/** Makes the key of the client that is not an admin, and the credentials file that names both. */
export function makeCredentials(state: FleetState): void {
  const { url, clientName, keyPath, credentialsFile } = state.chef
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  mkdirSync(chefFolder(state), { recursive: true })
  writeFileSync(keyPath, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 })
  const toml = Object.entries({ client_name: clientName, client_key: keyPath, chef_server_url: url })
  const lines = toml.map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
  writeFileSync(credentialsFile, `[default]\n${lines.join('\n')}\n`, { mode: 0o600 })
}

/**
 * Starts goiardi, which keeps everything in memory, and gives it the client, the environment and the nodes. A client's key
 * is the same after a restart. Returns when searches find every node.
 */
export async function startGoiardi(state: FleetState, signal?: AbortSignal): Promise<void> {
  const folder = chefFolder(state)
  const { controlAddress: address, ports } = state
  const logFile = join(folder, 'goiardi.log')
  // goiardi makes it again at every start: the one before would not be let in.
  rmSync(join(folder, 'admin.pem'), { force: true })
  const options = `-A -I ${address} -H ${address} -P ${ports.chef} --conf-root=${folder} --disable-webui -L ${logFile}`
  const started = await startProcess(state, {
    name: 'goiardi',
    command: findProgram('goiardi'),
    args: options.split(' '),
    outputFile: join(folder, 'goiardi.out'),
    logFile,
  })
  await waitUntilReady(started, () => answers(state), { what: `goiardi answers on ${state.chef.url}`, signal })
  await fill(state, signal)
}

/** Keeps the nodes that the next start of goiardi will have. */
export function writeNodes(state: FleetState, nodes: readonly ChefNode[]): void {
  writeFileSync(nodesFile(state), `${JSON.stringify(nodes, undefined, 2)}\n`)
}

/** Changes one node, and returns when searches find it changed. */
export async function updateNode(
  state: FleetState,
  name: string,
  change: (node: ChefNode) => ChefNode,
): Promise<ChefNode> {
  const admin = adminOf(state)
  const path = `/nodes/${name}`
  const before = await chefRequest<ChefNode>(admin, { method: 'GET', path })
  const revision = Number(before.normal[revisionName] ?? 0) + 1
  const changed = change(structuredClone(before))
  const node = { ...changed, normal: { ...changed.normal, [revisionName]: revision } }
  await chefRequest(admin, { method: 'PUT', path, body: node })
  writeNodes(state, [...readNodes(state).filter((other) => other.name !== name), node])
  const query = `name:${name} AND ${revisionName}:${revision}`
  const isFound = async () => (await countNodes(state, query)) === 1
  await waitFor(isFound, { what: `Chef finds ${name} as it was changed`, timeoutMs: 15_000 })
  return node
}

async function fill(state: FleetState, signal?: AbortSignal): Promise<void> {
  const admin = adminOf(state)
  const publicKey = publicPem(state.chef.keyPath)
  const client = { name: state.chef.clientName, admin: false, public_key: publicKey }
  await chefRequest(admin, { method: 'POST', path: '/clients', body: client })
  const nodes = readNodes(state)
  for (const name of new Set(nodes.map((node) => node.chef_environment))) {
    if (name === '_default') continue
    const environment = { name, json_class: 'Chef::Environment', chef_type: 'environment' }
    await chefRequest(admin, { method: 'POST', path: '/environments', body: environment })
  }
  for (const node of nodes) await chefRequest(admin, { method: 'POST', path: '/nodes', body: node })
  const areFound = async () => (await countNodes(state, '*:*')) === nodes.length
  await waitFor(areFound, { what: `Chef finds all ${nodes.length} nodes`, timeoutMs: 15_000, signal })
}

async function countNodes(state: FleetState, q: string): Promise<number> {
  const query = { q, rows: '1000', start: '0' }
  const request = { method: 'POST' as const, path: '/search/node', query, body: { name: ['name'] } }
  const { rows } = await chefRequest<{ rows: unknown[] }>(identityOf(state), request)
  return rows.length
}

/** goiardi has no address that answers without a signature: any HTTP answer means that it is up. */
async function answers(state: FleetState): Promise<boolean> {
  if (!existsSync(join(chefFolder(state), 'admin.pem'))) return false
  try {
    await (await fetch(state.chef.url, { signal: AbortSignal.timeout(2_000) })).text()
    return true
  } catch {
    return false
  }
}

function identityOf({ chef }: FleetState): ChefIdentity {
  return { url: chef.url, clientName: chef.clientName, pem: readFileSync(chef.keyPath, 'utf8') }
}

function adminOf(state: FleetState): ChefIdentity {
  return { url: state.chef.url, clientName: 'admin', pem: readFileSync(join(chefFolder(state), 'admin.pem'), 'utf8') }
}

function publicPem(keyPath: string): string {
  return createPublicKey(readFileSync(keyPath)).export({ type: 'spki', format: 'pem' }).toString()
}

function readNodes(state: FleetState): ChefNode[] {
  return JSON.parse(readFileSync(nodesFile(state), 'utf8')) as ChefNode[]
}

function nodesFile(state: FleetState): string {
  return join(chefFolder(state), 'nodes.json')
}

function chefFolder({ dir }: FleetState): string {
  return join(dir, 'chef')
}
