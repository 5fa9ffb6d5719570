import { VesemirError } from '@vesemir/core'
import type { Log } from '@vesemir/process/log'
import type { RedisClient } from './redis-client.ts'
import { readRedisFacts } from './inspect-redis.ts'
import { judgeRedis } from './judge-redis.ts'

interface CheckOptions {
  prefix: string
  /** What to do about a Redis on which deployments cannot rely; `refuse`. */
  memoryLimitBytes?: number | undefined
  unsafe?: 'refuse' | 'warn' | undefined
  log: Pick<Log, 'warn'>
}

/**
 * Checks that Redis keeps what it is given, and lets its user do what Vesemir needs. Logs what does not endanger deployments. One that does not
 * answer is not checked.
 * @throws {VesemirError} `REDIS_UNSAFE`
 */
export async function checkRedis(
  redis: RedisClient,
  { unsafe = 'refuse', log, ...looked }: CheckOptions,
): Promise<void> {
  const facts = await readRedisFacts(redis, looked).catch((err: unknown) => log.warn({ err }, 'Redis is not checked'))
  const findings = facts ? judgeRedis(facts) : []
  const refused = findings.filter(({ isUnsafe }) => isUnsafe && unsafe === 'refuse')
  for (const { problem } of findings) log.warn({ problem }, 'Redis is not set up well')
  if (refused.length > 0) throw new VesemirError('REDIS_UNSAFE', refused.map(({ problem }) => problem).join('; '))
}
