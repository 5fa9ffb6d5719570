import { Cluster } from 'ioredis'
import type { RedisClient } from './redis-client.ts'

/** Has Redis answer a PING: each primary of a Redis Cluster. */
export async function pingAll(redis: Pick<RedisClient, 'ping'>): Promise<void> {
  const nodes = redis instanceof Cluster ? redis.nodes('master') : [redis]
  if (nodes.length === 0) throw new Error('None of the nodes is available')
  await Promise.all(nodes.map((node) => node.ping()))
}
