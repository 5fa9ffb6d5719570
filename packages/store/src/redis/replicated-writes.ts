import { VesemirError, type Clock } from '@vesemir/core'
import { Cluster, ReplyError, type Redis } from 'ioredis'
import { isFromReplica } from './connection-errors.ts'
import type { RedisClient } from './redis-client.ts'

/** Writes that a fail-over must not lose. */
export interface ReplicatedWrites extends Disposable {
  /**
   * Runs a write until replicas have it; it can run several times. Waits for Redis, however long it is away.
   * @throws {VesemirError} `REDIS_NOT_REPLICATED` when Redis is there, and too few replicas have it in time
   */
  write(run: (redis: Redis) => Promise<unknown>): Promise<void>
}

/** How many replicas must have a write, and how long that may take. */
interface ReplicasWanted {
  count: number
  timeoutMs: number
}

const retryMs = 100

/**
 * Opens a connection of its own, which WAIT blocks for all who share it. WAIT counts what its connection has written, and after a new
 * connection that is nothing: so nothing is sent again by itself, but a write with its WAIT.
 * @throws {VesemirError} `CONFIG_INVALID` for a Redis Cluster, where WAIT would have to go to the node of each write
 */
export function createReplicatedWrites(
  redis: RedisClient,
  { count, timeoutMs, clock }: ReplicasWanted & { clock: Pick<Clock, 'startStopwatch' | 'sleep'> },
): ReplicatedWrites {
  if (redis instanceof Cluster)
    throw new VesemirError(
      'CONFIG_INVALID',
      'redisReplicas is set, which redis.nodes (a Redis Cluster) does not support',
    )
  const connection = redis.duplicate({
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    reconnectOnError: isFromReplica,
  })
  // Each write tells its own failure.
  connection.on('error', () => {})
  const tryOnce: ReplicatedWrites['write'] = async (run) => {
    await run(connection)
    const reached = await connection.wait(count, timeoutMs)
    if (reached >= count) return
    const message = `${reached} of ${count} replicas of Redis have a write after ${timeoutMs} ms`
    throw new VesemirError('REDIS_NOT_REPLICATED', message)
  }
  return {
    async write(run) {
      const elapsedMs = clock.startStopwatch()
      for (;;)
        try {
          return await tryOnce(run)
        } catch (error) {
          if (error instanceof VesemirError || connection.status === 'end') throw error
          // Such as UNBLOCKED and READONLY, in a fail-over.
          if (error instanceof ReplyError && elapsedMs() > timeoutMs) throw error
          await clock.sleep(retryMs)
        }
    },
    [Symbol.dispose]: () => connection.disconnect(),
  }
}
