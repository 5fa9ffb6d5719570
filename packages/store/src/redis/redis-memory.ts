import type { RedisMemory } from '@vesemir/contract'
import { Cluster } from 'ioredis'
import type { RedisClient } from './redis-client.ts'

interface MemoryOptions {
  /** The bound where Redis has no `maxmemory`; none. */
  memoryLimitBytes?: number | undefined
}

/**
 * Reads how much memory Redis has in use, and how much it may take: of a Redis Cluster, the primary that has the smallest part left.
 * Rejects where Redis does not answer, or does not let its user run INFO.
 */
export async function readRedisMemory(
  redis: Pick<RedisClient, 'info'>,
  { memoryLimitBytes = 0 }: MemoryOptions = {},
): Promise<RedisMemory> {
  const nodes = redis instanceof Cluster ? redis.nodes('master') : [redis]
  const read = async (node: Pick<RedisClient, 'info'>) => parseMemory(await node.info('memory'), memoryLimitBytes)
  const [fullest] = (await Promise.all(nodes.map(read))).toSorted((a, b) => shareOf(b) - shareOf(a))
  if (!fullest) throw new Error('None of the nodes is available')
  return fullest
}

/** Reads the answer to INFO; a `maxmemory` of 0 is none. */
function parseMemory(info: string, memoryLimitBytes: number): RedisMemory {
  const read = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)
  return { usedBytes: read('used_memory'), limitBytes: read('maxmemory') || memoryLimitBytes }
}

/** Without a bound, the one with the most in use counts. */
function shareOf({ usedBytes, limitBytes }: RedisMemory): number {
  return limitBytes > 0 ? usedBytes / limitBytes : usedBytes / Number.MAX_SAFE_INTEGER
}
