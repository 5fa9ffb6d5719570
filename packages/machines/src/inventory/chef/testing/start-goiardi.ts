import { spawn, type ChildProcess } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createChefClient, type ChefClient } from '../chef-client.ts'
import type { GoiardiNode } from './a-node.ts'
import { realClock } from '@vesemir/testing/clocks'
import { freePort } from '@vesemir/process/free-port'

/** A goiardi of its own, with authentication on, that holds the nodes. */
export interface Goiardi extends AsyncDisposable {
  url: string
  /** A client without admin rights. */
  clientName: string
  /** The path of its key. */
  clientKey: string
  /** Signs as that client. */
  client: ChefClient
  /** Signs as a node's own client, as chef-client on the node does. */
  clientOf(node: string): Promise<ChefClient>
}

const readyMs = 15_000

/** Starts goiardi on a free port and gives it nodes and their environments; when it returns, searches find them all. */
export async function startGoiardi({ nodes }: { nodes: readonly GoiardiNode[] }): Promise<Goiardi> {
  const folder = await mkdtemp(join(tmpdir(), 'vesemir-goiardi-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const logFile = join(folder, 'goiardi.log')
  const args = `-A -I 127.0.0.1 -H 127.0.0.1 -P ${port} --conf-root=${folder} --disable-webui -L ${logFile}`
  const server = spawn('/usr/bin/goiardi', args.split(' '), { stdio: 'ignore' })
  await once(server, 'spawn')
  const stop = async () => {
    await end(server)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await poll(() => answers(url), 'goiardi answers')
    const admin = signedClient(url, { clientName: 'admin', pem: await readFile(join(folder, 'admin.pem'), 'utf8') })
    const clientName = 'vesemir'
    const clientKey = join(folder, 'vesemir.pem')
    const pem = await createClient(admin, clientName)
    await writeFile(clientKey, pem, { mode: 0o600 })
    const client = signedClient(url, { clientName, pem })
    await createNodes(admin, nodes)
    const clients: Record<string, Promise<string>> = {}
    await poll(async () => (await countNodes(client)) === nodes.length, 'goiardi has indexed every node')
    const clientOf = async (node: string) => {
      clients[node] ??= createClient(admin, node)
      return signedClient(url, { clientName: node, pem: await clients[node] })
    }
    return { url, clientName, clientKey, client, clientOf, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function signedClient(serverUrl: string, { clientName, pem }: { clientName: string; pem: string }): ChefClient {
  const identity = { serverUrl, clientName, key: createPrivateKey(pem) }
  return createChefClient({ identity, signing: '1.3', timeoutMs: 10_000, fetch, clock: realClock })
}

async function createClient(admin: ChefClient, name: string): Promise<string> {
  const created = await admin.request({ method: 'POST', path: '/clients', body: { name, admin: false } })
  return (created as { private_key: string }).private_key
}

async function createNodes(admin: ChefClient, nodes: readonly GoiardiNode[]): Promise<void> {
  for (const name of new Set(nodes.map((node) => node.chef_environment))) {
    const body = { name, json_class: 'Chef::Environment', chef_type: 'environment' }
    await admin.request({ method: 'POST', path: '/environments', body })
  }
  for (const body of nodes) await admin.request({ method: 'POST', path: '/nodes', body })
}

async function countNodes(client: ChefClient): Promise<number> {
  const query = { q: '*:*', rows: '10000', start: '0' }
  const found = await client.request({ method: 'POST', path: '/search/node', query, body: { name: ['name'] } })
  return (found as { rows: unknown[] }).rows.length
}

/** goiardi has no address that answers without a signature: any HTTP answer means that it is up. */
async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).text()
    return true
  } catch {
    return false
  }
}

async function poll(isTrue: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + readyMs
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`not within ${readyMs} ms: ${what}`)
    await setTimeout(25)
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exited = once(server, 'exit')
  server.kill('SIGTERM')
  await exited
}
