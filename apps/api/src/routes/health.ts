import { VesemirError } from '@vesemir/core'
import type {} from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import type { Redis } from 'ioredis'
import type { RedisProbe } from '../problems.ts'

interface HealthPorts {
  isRedisReachable: RedisProbe
  redis: Pick<Redis, 'set'>
  prefix?: string | undefined
}

/** How long the key lasts that is written to see whether Redis takes writes. */
const keptSeconds = 60

/** Adds what load balancers and supervisors ask, open to all: /livez, and /readyz while Redis answers and takes writes. */
export function registerHealth(
  app: FastifyInstance,
  { isRedisReachable, redis, prefix = 'vesemir' }: HealthPorts,
): void {
  const schema = { hide: true }
  app.get('/livez', { schema, logLevel: 'warn' }, async () => ({ status: 'ok' }))
  app.get('/readyz', { schema, logLevel: 'silent' }, async () => {
    if (!(await isRedisReachable())) throw new VesemirError('REDIS_UNREACHABLE', 'the API cannot reach Redis')
    await redis.set(`${prefix}:ready`, '', 'EX', keptSeconds)
    return { status: 'ok' }
  })
}
