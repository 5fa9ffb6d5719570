import type { RedisClient } from './redis-client.ts'

/**
 * Returns whether Redis lets this user run INFO, which `-@dangerous` in an ACL forbids. If not, BullMQ is told to do without: it
 * would end the process. Call it before a worker is started on the connection.
 */
export async function checkInfo(redis: RedisClient): Promise<boolean> {
  const mayRunInfo = await redis.info('server').then(
    () => true,
    (error: unknown) => !String(error).includes('NOPERM'),
  )
  // BullMQ reads this option of the connection that it is given, and of those that it makes of it.
  if (!mayRunInfo) Object.assign(connectionOptions(redis), { skipVersionCheck: true })
  return mayRunInfo
}

/** The options that BullMQ reads. */
function connectionOptions({ options }: RedisClient): object {
  return 'redisOptions' in options ? options.redisOptions! : options
}
