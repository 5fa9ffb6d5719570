import { readAll, readSecret } from '@vesemir/process/settings'
import { readRedisTls, type RedisTls } from '@vesemir/process/tls'
import { Redis, type RedisOptions as AllOptions } from 'ioredis'
import { createSentinelConnector } from './sentinel-connector.ts'
import { createClusterClient, type ClusterNode } from './cluster-client.ts'
import type { RedisClient } from './redis-client.ts'
import type { RedisSettings } from './settings.ts'

/** Replies are those of ioredis' own types. */
type RedisOptions = Omit<AllOptions, 'replyMapping'>

/** How connections to Redis are made, with passwords and certificates. */
export interface RedisAccess {
  /** As ioredis takes it: a URL, or the path of a Unix socket; nothing with Sentinels or nodes. */
  address?: string
  /** Nodes of a Redis Cluster. */
  nodes?: ClusterNode[]
  options: RedisOptions
}

const defaultUrl = 'redis://127.0.0.1:6379'

/**
 * Reads the passwords and certificates that settings name.
 * @throws {VesemirError} `CONFIG_INVALID`
 */
export async function readRedisAccess({
  redis,
  redisTls,
}: {
  redis: RedisSettings
  redisTls?: RedisTls | undefined
}): Promise<RedisAccess> {
  const [password, tls] = await readAll([
    redis.password ?? readPassword(redis.passwordFile, 'redis.passwordFile'),
    redisTls && readRedisTls(redisTls, 'redisTls'),
  ])
  const options = given({ username: redis.username, password, tls })
  if (redis.nodes) return { nodes: redis.nodes.map(toEndpoint), options }
  if (redis.sentinels) return { options: { ...options, ...(await readSentinels(redis)) } }
  return withAddress(redis.url ?? defaultUrl, options)
}

/** Opens a connection, which is made again when it is lost. */
export function openRedis({ address, nodes, options: access }: RedisAccess, options: RedisOptions): RedisClient {
  const all: RedisOptions = { ...access, ...options }
  if (nodes) return createClusterClient(nodes, all)
  if (address !== undefined) return new Redis(address, all)
  // Else the log would only say that no Sentinel can be reached, also where each refuses.
  return new Redis(all).on('sentinelError', function (this: Redis, error: Error) {
    this.emit('error', error)
  })
}

/** The options of ioredis for Sentinels, which are asked for the primary before each connection to it. */
async function readSentinels(settings: RedisSettings): Promise<RedisOptions> {
  const { sentinels = [], masterName, sentinelUsername, sentinelPasswordFile, sentinelTls } = settings
  const [sentinelPassword, sentinelTLS] = await readAll([
    settings.sentinelPassword ?? readPassword(sentinelPasswordFile, 'redis.sentinelPasswordFile'),
    sentinelTls && readRedisTls(sentinelTls, 'redis.sentinelTls'),
  ])
  return given({
    sentinels: sentinels.map(toEndpoint),
    name: masterName,
    sentinelUsername,
    sentinelPassword,
    sentinelTLS,
    enableTLSForSentinelMode: true,
    Connector: createSentinelConnector(),
  })
}

function toEndpoint(address: string): ClusterNode {
  const { hostname, port } = new URL(`redis://${address}`)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }
}

/** Users and passwords move from the URL to the options, where a password that stands elsewhere joins its user. */
function withAddress(url: string, options: RedisOptions): RedisAccess {
  const parsed = new URL(url)
  if (parsed.protocol === 'unix:') return { address: decodeURIComponent(parsed.pathname), options }
  const [username, password] = [parsed.username, parsed.password].map(decodeURIComponent)
  Object.assign(parsed, { username: '', password: '' })
  return { address: parsed.href, options: { ...given({ username, password }), ...options } }
}

async function readPassword(file: string | undefined, setting: string): Promise<string | undefined> {
  return file && readSecret(file, setting)
}

/** Leaves out what is not given: ioredis takes a value that is undefined or '' for one that is. */
function given(options: { [Option in keyof RedisOptions]: RedisOptions[Option] | undefined }): RedisOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== ''))
}
