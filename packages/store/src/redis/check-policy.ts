import type { Redis } from 'ioredis'

/**
 * Returns in words how Redis may throw away what it acknowledged, by `maxmemory-policy`; undefined where it does not, or where it does
 * not let this user ask.
 */
export async function checkPolicy(redis: Redis): Promise<string | undefined> {
  const memory = await redis.info('memory').catch(() => '')
  const [, policy] = /^maxmemory_policy:(\S+)/m.exec(memory) ?? []
  if (policy === undefined || policy === 'noeviction') return undefined
  return `maxmemory-policy is ${policy}: Redis may drop deployments and jobs. Set noeviction`
}
