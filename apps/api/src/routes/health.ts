import { VesemirError } from '@vesemir/core'
import type {} from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import type { IsRedisReachable } from '../problems.ts'

/** Adds what load balancers and supervisors ask, open to all: /livez, and /readyz while Redis answers. */
export function registerHealth(
  app: FastifyInstance,
  { isRedisReachable }: { isRedisReachable: IsRedisReachable },
): void {
  const schema = { hide: true }
  app.get('/livez', { schema, logLevel: 'warn' }, async () => ({ status: 'ok' }))
  app.get('/readyz', { schema, logLevel: 'silent' }, async () => {
    if (await isRedisReachable()) return { status: 'ok' }
    throw new VesemirError('REDIS_UNREACHABLE', 'the API cannot reach Redis')
  })
}
