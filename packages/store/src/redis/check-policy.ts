import type { Redis } from 'ioredis'

/**
 * Returns a message where Redis may evict what it acknowledged, by `maxmemory-policy`; undefined where it keeps all, or where this user may
 * not ask.
 */
export async function checkPolicy(redis: Redis): Promise<string | undefined> {
  const memory = await redis.info('memory').catch(() => '')
  const [, policy] = /^maxmemory_policy:(\S+)/m.exec(memory) ?? []
  if (policy === undefined || policy === 'noeviction') return undefined
  return `maxmemory-policy is ${policy}: Redis may drop deployments and jobs. Set noeviction`
}
