import type { RedisClient } from '../../redis/redis-client.ts'
import { createKeys } from './keys.ts'

/** How long a key lasts that is written to see whether Redis takes writes. */
const keptSeconds = 60

/** Writes to each shard, so that it is known whether deployments of every application can be recorded. */
export async function probeWrites(redis: RedisClient, prefix = 'vesemir'): Promise<void> {
  const { shards } = createKeys(redis, prefix)
  await Promise.all(shards.map(({ ready }) => redis.set(ready, '', 'EX', keptSeconds)))
}
