import { Cluster, Redis } from 'ioredis'
import { nodesOf, type ClusterNode } from './cluster-client.ts'
import type { RedisClient } from './redis-client.ts'

const longestRetryMs = 2000

/** Makes a connection for subscriptions, which connects when first needed, and again when it is lost. */
export function createSubscriber(redis: RedisClient): Redis {
  const options = { lazyConnect: true, enableOfflineQueue: true }
  if (!(redis instanceof Cluster)) return redis.duplicate(options)
  // Every node of a Redis Cluster passes on what is published at any other. ioredis' own subscriber does not tell that it was lost.
  const subscriber: Redis = new Redis({
    ...(redis.options.redisOptions as object),
    ...options,
    ...anyNodeOf(redis),
    retryStrategy(tries) {
      Object.assign(subscriber.options, anyNodeOf(redis))
      return Math.min(tries * 50, longestRetryMs)
    },
  })
  return subscriber
}

function anyNodeOf(cluster: Cluster): ClusterNode {
  const nodes = nodesOf(cluster)
  return nodes[Math.floor(Math.random() * nodes.length)]!
}
