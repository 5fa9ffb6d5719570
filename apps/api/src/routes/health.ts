import { VesemirError } from '@vesemir/core'
import { probeWrites } from '@vesemir/store/record'
import type { RedisClient } from '@vesemir/store/redis'
import type {} from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import type { RedisProbe } from '../problems.ts'

interface HealthPorts {
  isRedisReachable: RedisProbe
  redis: RedisClient
  prefix?: string | undefined
}

/** Adds what load balancers and supervisors ask, open to all: /livez, and /readyz while Redis answers and takes writes. */
export function registerHealth(app: FastifyInstance, { isRedisReachable, redis, prefix }: HealthPorts): void {
  const schema = { hide: true }
  app.get('/livez', { schema, logLevel: 'warn' }, async () => ({ status: 'ok' }))
  app.get('/readyz', { schema, logLevel: 'silent' }, async () => {
    if (!(await isRedisReachable())) throw new VesemirError('REDIS_UNREACHABLE', 'the API cannot reach Redis')
    await probeWrites(redis, prefix)
    return { status: 'ok' }
  })
}
