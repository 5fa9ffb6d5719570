import { Cluster, type RedisOptions } from 'ioredis'

/** An address of a node. */
export interface ClusterNode {
  host: string
  port: number
}

/** The options of a connection to each node. */
type NodeOptions = Omit<RedisOptions, 'replyMapping'>

/** How often the nodes are asked which slots they have: a node that has failed without closing its connections is noticed so. */
const slotsRefreshInterval = 5000
/** Slots move within a second or more; to ask more often would only load the nodes that are left. */
const retryMs = 100

/**
 * Opens connections to the nodes of a Redis Cluster, of which `nodes` are some. The options are those of the connection to each. With
 * `maxRetriesPerRequest: null` a command waits until its slot has a node; else 2 s.
 */
export function createClusterClient(nodes: readonly ClusterNode[], options: NodeOptions): Cluster {
  const { enableOfflineQueue = true, lazyConnect = false, ...redisOptions } = options
  const cluster = new Cluster([...nodes], {
    enableOfflineQueue,
    lazyConnect,
    redisOptions,
    slotsRefreshInterval,
    maxRedirections: 2000 / retryMs,
    retryDelayOnFailover: retryMs,
    retryDelayOnClusterDown: retryMs,
  })
  return Object.assign(cluster, {
    // BullMQ makes connections of this one, which have to wait as long.
    duplicate: (_nodes?: unknown, { redisOptions: changed = {} }: { redisOptions?: NodeOptions } = {}) =>
      createClusterClient(nodes, { ...options, ...changed }),
    ...(options.maxRetriesPerRequest === null ? { handleError: waitForNodes(cluster) } : {}),
  })
}

/** Returns the addresses of some nodes: of all, once they are known. */
export function nodesOf(cluster: Cluster): ClusterNode[] {
  const known = cluster.nodes().map(({ options: { host = '', port = 0 } }) => ({ host, port }))
  return known.length > 0 ? known : (cluster['startupNodes'] as ClusterNode[])
}

/** Makes what tries a command again for as long as it takes: ioredis gives it up after some tries, and at once while it knows no node. */
function waitForNodes(cluster: Cluster): Cluster['handleError'] {
  const handleError = cluster.handleError.bind(cluster)
  return (error, _tries, handlers: { connectionClosed: () => void }) => {
    const isReconnecting = ['close', 'reconnecting', 'connecting', 'connect'].includes(cluster.status)
    if (error.message === 'Connection is closed.' && isReconnecting) setTimeout(handlers.connectionClosed, retryMs)
    else handleError(error, {}, handlers)
  }
}
