import { withinTime } from '@vesemir/process/waiting'
import { gatherCommands, openRedis, pingAll, type RedisAccess, type RedisClient } from '@vesemir/store/redis'

/** How long Redis may be silent with a command before it. */
const silenceMs = 5000
const pingTimeoutMs = 1000
const connectWaitMs = 1000

export interface RedisConnection extends Disposable {
  redis: RedisClient
  /** Asks Redis; gives false when it does not answer within a second. */
  isReachable: () => Promise<boolean>
}

/**
 * Opens a connection on which no command waits for Redis to come back: whoever asked is told at once, and a command that
 * was refused is not run later, unknown to them. Waits until Redis answers, at most a second; after that it connects when
 * it can.
 */
export async function connectRedis(
  access: RedisAccess,
  { onError }: { onError: (error: Error) => void },
): Promise<RedisConnection> {
  const redis = openRedis(access, {
    // Then the connection is given up. A timer for each command would take a twentieth of the API's time.
    socketTimeout: silenceMs,
    connectTimeout: silenceMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    lazyConnect: true,
  })
  gatherCommands(redis).on('error', onError)
  // Told by the listener; it tries again by itself, and with Sentinels that do not answer it never ends.
  await withinTime({ timeoutMs: connectWaitMs }, () => redis.connect()).catch(() => {})
  return {
    redis,
    isReachable: () => answersPing(redis),
    [Symbol.dispose]: () => redis.disconnect(),
  }
}

async function answersPing(redis: RedisClient): Promise<boolean> {
  if (redis.status !== 'ready') return false
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), pingTimeoutMs)
  pingAll(redis).then(
    () => resolve(true),
    () => resolve(false),
  )
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}
