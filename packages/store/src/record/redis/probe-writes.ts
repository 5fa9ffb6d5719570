import type { RedisClient } from '../../redis/redis-client.ts'
import { createKeys } from './keys.ts'

/** How long a key lasts that is written to see whether Redis takes writes. */
const keptSeconds = 60

/**
 * Writes to each shard, so that it is known whether deployments can be recorded. Rejects where no shard can be written: all API processes
 * share the shards, and a proxy that left all of them for the loss of one shard would take the other applications away too.
 */
export async function probeWrites(redis: RedisClient, prefix = 'vesemir'): Promise<void> {
  const { shards } = createKeys(redis, prefix)
  const writes = await Promise.allSettled(shards.map(({ ready }) => redis.set(ready, '', 'EX', keptSeconds)))
  const failures = writes.filter((write) => write.status === 'rejected')
  if (failures.length === writes.length) throw failures[0]!.reason
}
