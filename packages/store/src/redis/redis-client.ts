import type { Cluster, Redis } from 'ioredis'

/** A connection to one Redis, or connections to the nodes of a Redis Cluster. */
export type RedisClient = Redis | Cluster

/**
 * Returns what the names of keys start with that a script or a transaction changes together. A Redis Cluster takes that only of keys in
 * one slot, which follows from the tag in braces. Elsewhere names have no tag.
 */
export function taggedPrefix(
  { isCluster }: Pick<RedisClient, 'isCluster'>,
  { prefix: whole, tag }: { prefix: string; tag: string | number },
): string {
  return isCluster ? `${whole}:{${tag}}` : whole
}
