import cookie from '@fastify/cookie'
import websocket from '@fastify/websocket'
import type { Queues } from '@vesemir/adapters/queue'
import type { Records } from '@vesemir/adapters/record'
import { VesemirError, type Clock } from '@vesemir/core'
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { createAuth } from './auth.ts'
import type { ApiConfig } from './config.ts'
import { closeViewers } from './live/close-viewers.ts'
import { startHeartbeat } from './live/heartbeat.ts'
import { createErrorHandler, type IsRedisReachable } from './problems.ts'
import { validatorCompiler } from './register-route.ts'
import { registerApplications } from './routes/applications.ts'
import { registerDeployments } from './routes/deployments.ts'
import { registerEvents } from './routes/events.ts'
import { registerHealth } from './routes/health.ts'
import { registerSession, registerSignIn } from './routes/session.ts'

/** What the API works with. */
export interface Ports {
  records: Records
  queues: Queues
  isRedisReachable: IsRedisReachable
  clock: Pick<Clock, 'now'>
  log: FastifyBaseLogger
}

export type AppOptions = Pick<ApiConfig, 'clusters' | 'cookieSecret' | 'tokens' | 'url'> & {
  /** How often viewers are pinged; 20 s. */
  heartbeatMs?: number
}

const largestBodyBytes = 256 * 1024
const requestTimeoutMs = 30_000
/** A viewer sends nothing but pings and the end of its connection. */
const largestMessageBytes = 1024

/** Builds the API on its ports. It listens when it is told to, or answers `inject`; closing it sends viewers away. */
export async function buildApp(ports: Ports, options: AppOptions): Promise<FastifyInstance> {
  const { records, queues, isRedisReachable, clock, log } = ports
  const { clusters, heartbeatMs = 20_000 } = options
  const handleError = createErrorHandler(isRedisReachable)
  const app = fastify({
    loggerInstance: log,
    // One line for a request, below.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: largestBodyBytes,
    requestTimeout: requestTimeoutMs,
    frameworkErrors: (error, request, reply) =>
      void handleError(error, request as FastifyRequest, reply as FastifyReply),
  })
  app.setErrorHandler(handleError)
  app.setValidatorCompiler(validatorCompiler as never)
  // What is sent comes from the record, which holds what was checked on its way in.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.decorateRequest('caller')
  app.addHook('onResponse', logResponse)

  const auth = createAuth({ ...options, clock })
  const closing = new AbortController()
  await app.register(cookie)
  await app.register(websocket, {
    options: { maxPayload: largestMessageBytes },
    preClose: (done) => {
      closing.abort()
      closeViewers(app.websocketServer).then(() => done(), done)
    },
  })
  const heartbeat = startHeartbeat(app.websocketServer, { intervalMs: heartbeatMs })
  app.addHook('onClose', async () => heartbeat[Symbol.dispose]())

  registerHealth(app, { isRedisReachable })
  registerSignIn(app, { auth })
  await app.register(async (guarded) => {
    guarded.addHook('onRequest', (request, reply) => auth.authenticate(request, reply))
    registerSession(guarded, { auth })
    registerApplications(guarded, { records })
    registerDeployments(guarded, { records, queues, clusters })
    registerEvents(guarded, { records, isRedisReachable, closing: closing.signal, heartbeatMs })
  })
  app.setNotFoundHandler(async (request, reply) => {
    await auth.authenticate(request, reply)
    throw new VesemirError('NOT_FOUND', `there is no ${request.method} ${request.url.split('?')[0]} here`)
  })
  return app
}

async function logResponse(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { method, url, caller, log } = request
  const { statusCode, elapsedTime } = reply
  log.info({ method, url, statusCode, durationMs: Math.round(elapsedTime), caller: caller?.name }, 'request answered')
}
