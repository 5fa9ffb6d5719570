import type { RedisMemory } from '@vesemir/contract'
import { Cluster, ReplyError, type Redis } from 'ioredis'
import type { RedisClient } from './redis-client.ts'
import { readRedisMemory } from './redis-memory.ts'

/** What Redis says of itself; undefined is what its user may not ask. */
export interface RedisFacts {
  version?: string | undefined
  /** `maxmemory-policy`. */
  policy?: string | undefined
  /** Whether writes are appended to a file (`appendonly`). */
  isAppended?: boolean | undefined
  /** When appended writes reach the disk: `always`, `everysec` or `no`. */
  appendFsync?: string | undefined
  /** Times to save all to a file (`save`); '' for never. */
  save?: string | undefined
  isReplica?: boolean | undefined
  /** Whether it belongs to a Redis Cluster, and is used as a single Redis. */
  isClusterNode?: boolean | undefined
  memory?: RedisMemory | undefined
  /** Commands that Vesemir needs, and this user may not run. */
  forbidden: readonly string[]
}

/** Reads what Redis says of itself, as far as its user may ask. Rejects when it does not answer. */
export async function readRedisFacts(
  redis: RedisClient,
  { prefix, memoryLimitBytes }: { prefix: string; memoryLimitBytes?: number | undefined },
): Promise<RedisFacts> {
  // Nodes of a Redis Cluster are set up alike.
  const node = redis instanceof Cluster ? redis.nodes('master')[0] : redis
  if (!node) throw new Error('None of the nodes is available')
  // A transaction takes in what others send on the same connection.
  const connection = node.duplicate({
    lazyConnect: true,
    enableOfflineQueue: true,
    retryStrategy: null,
    sentinelRetryStrategy: () => null,
  })
  connection.on('error', () => {})
  try {
    await connection.connect()
    const forbidden = await findForbidden(connection, prefix)
    const info = await ifAllowed(connection.info())
    const read = async (name: string) => (await ifKnown(connection.config('GET', name)))?.[1]
    return {
      ...readInfo(info ?? ''),
      ...(redis.isCluster ? { isClusterNode: false } : {}),
      save: await read('save'),
      appendFsync: await read('appendfsync'),
      memory: await ifAllowed(readRedisMemory(redis instanceof Cluster ? redis : connection, { memoryLimitBytes })),
      forbidden,
    }
  } finally {
    connection.disconnect()
  }
}

function readInfo(info: string): Omit<RedisFacts, 'forbidden'> {
  const read = (name: string) => new RegExp(`^${name}:(\\S*)`, 'm').exec(info)?.[1]
  const is = (name: string, wanted: string) => {
    const value = read(name)
    return value === undefined ? undefined : value === wanted
  }
  return {
    version: read('redis_version'),
    policy: read('maxmemory_policy'),
    isAppended: is('aof_enabled', '1'),
    isReplica: is('role', 'slave'),
    isClusterNode: is('cluster_enabled', '1'),
  }
}

/** Managed Redis has no CONFIG, and says so in words of its own. */
async function ifKnown(asked: Promise<unknown>): Promise<[string, string] | undefined> {
  return asked.then(
    (reply) => reply as [string, string],
    (error: unknown) => {
      if (error instanceof ReplyError) return undefined
      throw error
    },
  )
}

async function ifAllowed<Reply>(asked: Promise<Reply>): Promise<Reply | undefined> {
  return asked.catch((error: unknown) => {
    if (isForbidden(error)) return undefined
    throw error
  })
}

/** One command of each kind that an ACL may forbid, with a key and a channel of Vesemir's. */
const needed = (key: string) => [
  ['set', key, ''],
  ['del', key],
  ['hset', key, 'a', ''],
  ['lpush', key, ''],
  ['sadd', key, ''],
  ['zadd', key, '1', ''],
  ['xadd', key, '*', 'a', ''],
  ['bzpopmin', key, '1'],
  ['eval', '', '1', key],
  ['evalsha', '', '1', key],
  ['publish', key, ''],
  ['time'],
]

/** Redis checks the rights of a command when it joins a transaction, and a discarded one changes nothing. */
async function findForbidden(redis: Redis, prefix: string): Promise<string[]> {
  const begun = await ifAllowed(redis.multi({ pipeline: false }))
  if (!begun) return ['multi']
  const checked = needed(`${prefix}:ready`).map(([name = '', ...args]) =>
    redis.call(name, ...args).then(
      () => [],
      (error: unknown) => (isForbidden(error) ? [name] : []),
    ),
  )
  await redis.discard()
  return (await Promise.all(checked)).flat()
}

function isForbidden(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOPERM')
}
