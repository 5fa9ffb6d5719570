import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from '@vesemir/process/free-port'
import { Redis } from 'ioredis'
import { redisArguments } from './redis-arguments.ts'

/** A real Redis Cluster on loopback: three primaries, each with a replica. */
export interface RedisCluster extends AsyncDisposable {
  nodes: readonly { host: string; port: number }[]
  /** Opens a connection to one node; it ends with the cluster. */
  connect(node: { port: number }): Redis
  /** Kills the primary that has a slot, and waits until another node has the slot. Returns the node that was killed. */
  killPrimaryOf(slot: number): Promise<{ port: number }>
  /** Starts a node again that was killed, and waits until the cluster has all its replicas. */
  restart(node: { port: number }): Promise<void>
}

const host = '127.0.0.1'
const nodeCount = 6
/** How long a node is silent before the others hold it for lost. */
const nodeTimeoutMs = 1000
const readyTimeoutMs = 30_000

/** Starts the nodes in a folder of their own, and waits until they are a cluster. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'vesemir-redis-cluster-'))
  const ports = new Map<number, { bus: number; server?: ChildProcess }>()
  // The system may give a port that is free a second time.
  const free = new Set<number>()
  while (free.size < 2 * nodeCount) free.add(await freePort())
  const [...distinct] = free
  for (const port of distinct.splice(0, nodeCount)) ports.set(port, { bus: distinct.pop()! })
  const connections: Redis[] = []
  const connect = ({ port }: { port: number }) => {
    const redis = new Redis({ port, host }).on('error', () => {})
    connections.push(redis)
    return redis
  }
  const start = async (port: number) => {
    const node = ports.get(port)!
    node.server = await startNode({ port, bus: node.bus, folder: join(folder, String(port)) })
  }
  await Promise.all([...ports.keys()].map(start))
  const addresses = [...ports].map(([port, { bus }]) => `${host}:${port}@${bus}`)
  await promisify(execFile)('redis-cli', [
    '--cluster',
    'create',
    ...addresses,
    '--cluster-replicas',
    '1',
    '--cluster-yes',
  ])
  const living = () => [...ports].flatMap(([port, { server }]) => (server ? [port] : []))
  const view = (port: number) => readNodes(port)
  await until(async () => (await Promise.all(living().map(view))).every(isWhole))
  return {
    nodes: [...ports.keys()].map((port) => ({ host, port })),
    connect,
    async killPrimaryOf(slot) {
      const primaryAt = async (port: number) => (await view(port)).find(({ slots }) => hasSlot(slots, slot))?.port
      const killed = (await primaryAt(living()[0]!))!
      const node = ports.get(killed)!
      const ended = once(node.server!, 'close')
      node.server!.kill('SIGKILL')
      delete node.server
      await ended
      await until(async () => {
        const seen = await Promise.all(living().map(primaryAt))
        return seen.every((port) => port !== undefined && port !== killed)
      })
      return { port: killed }
    },
    async restart({ port }) {
      await start(port)
      await until(async () => (await Promise.all(living().map(view))).every(isWhole))
    },
    async [Symbol.asyncDispose]() {
      for (const redis of connections) redis.disconnect()
      const servers = [...ports.values()].flatMap(({ server }) => server ?? [])
      const ended = servers.map((server) => once(server, 'close'))
      for (const server of servers) server.kill('SIGKILL')
      await Promise.all(ended)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function startNode({ port, bus, folder }: { port: number; bus: number; folder: string }): Promise<ChildProcess> {
  await mkdir(folder, { recursive: true })
  const settings = {
    'cluster-enabled': 'yes',
    'cluster-port': String(bus),
    'cluster-node-timeout': String(nodeTimeoutMs),
    'repl-diskless-sync-delay': '0',
  }
  const server = spawn(
    'redis-server',
    [
      ...redisArguments({ address: host, port, folder, isKept: false }),
      ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  for await (const line of createInterface(server.stdout)) if (line.includes('Ready to accept connections')) break
  if (server.exitCode !== null) throw new Error(`redis-server ended with ${server.exitCode}`)
  server.stdout.resume()
  return server
}

/** A line of CLUSTER NODES. */
interface SeenNode {
  port: number
  isPrimary: boolean
  isWell: boolean
  slots: string[]
}

async function readNodes(port: number): Promise<SeenNode[]> {
  const { stdout } = await promisify(execFile)('redis-cli', ['-p', String(port), 'cluster', 'nodes'])
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [, address = '', flags = '', , , , , link, ...slots] = line.split(' ')
      const isWell = link === 'connected' && !/fail|handshake|noaddr/.test(flags)
      return { port: Number(/:(\d+)/.exec(address)?.[1]), isPrimary: flags.includes('master'), isWell, slots }
    })
}

function isWhole(nodes: readonly SeenNode[]): boolean {
  const primaries = nodes.filter(({ isPrimary }) => isPrimary)
  return nodes.length === nodeCount && nodes.every(({ isWell }) => isWell) && primaries.length === nodeCount / 2
}

function hasSlot(ranges: readonly string[], slot: number): boolean {
  return ranges.some((range) => {
    const [from, to = from] = range.split('-').map(Number)
    return slot >= from! && slot <= to!
  })
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + readyTimeoutMs
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`the Redis Cluster was not ready within ${readyTimeoutMs} ms`)
    await setTimeout(200)
  }
}
