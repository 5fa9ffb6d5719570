import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import websocket from '@fastify/websocket'
import type { Archive } from '@vesemir/store/archive'
import type { AuditLog } from '@vesemir/store/audit'
import type { Presence } from '@vesemir/store/presence'
import type { Queues } from '@vesemir/store/queue'
import type { Records } from '@vesemir/store/record'
import type { RedisClient } from '@vesemir/store/redis'
import type { ApiTokens } from '@vesemir/store/credential'
import type { SignedOutSessions } from '@vesemir/store/session'
import { VesemirError, type Clock } from '@vesemir/core'
import type { RedisMemory } from '@vesemir/contract'
import type { Tracing } from '@vesemir/process/tracing'
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { createAnswerWhenChanged } from './answer-when-changed.ts'
import { createAuth, type Auth } from './auth.ts'
import { createVerifyIdToken } from './ci/id-token.ts'
import type { ApiConfig } from './config.ts'
import { createFailureLimit } from './failure-limit.ts'
import type { Access } from './access-settings.ts'
import type { Identities } from './identities.ts'
import type { People } from './people/people.ts'
import { closeViewers } from './live/close-viewers.ts'
import { startHeartbeat } from './live/heartbeat.ts'
import { refusePipelinedUpgrades } from './live/refuse-pipelined-upgrades.ts'
import { createErrorHandler, type RedisProbe } from './problems.ts'
import { requestIdHeader, requestIdOf } from './request-id.ts'
import { validatorCompiler } from './register-route.ts'
import { createAudit, deploymentOf } from './audit.ts'
import type { AuditSink } from './audit-sink.ts'
import { registerApplications } from './routes/applications.ts'
import { registerAudit } from './routes/audit.ts'
import { registerBadge } from './routes/badge.ts'
import { registerConverge } from './routes/converge.ts'
import { registerDeployments } from './routes/deployments.ts'
import { collectOpenApi, registerDocs } from './routes/docs.ts'
import { registerEvents } from './routes/events.ts'
import { registerExchange } from './routes/exchange.ts'
import { registerHealth } from './routes/health.ts'
import { registerSchemas } from './routes/schemas.ts'
import { createCallerSlots } from './caller-slots.ts'
import { registerHosts } from './routes/hosts.ts'
import { registerInspection } from './routes/inspection.ts'
import { registerOverview } from './routes/overview.ts'
import { registerPage, type ServePage } from './routes/page.ts'
import { registerPeople } from './routes/people.ts'
import { registerPlans } from './routes/plans.ts'
import { registerQueues } from './routes/queues.ts'
import { registerSchedules } from './routes/schedules.ts'
import { registerSession, registerSignIn } from './routes/session.ts'
import { registerSteering } from './routes/steering.ts'
import { registerTokens } from './routes/tokens.ts'
import { registerWorkers } from './routes/workers.ts'
import { withArchive } from './with-archive.ts'
import { createPageGuard, registerSignInPage } from './routes/sign-in-page.ts'
import { addEntityTags } from './entity-tags.ts'
import { traceRequests } from './trace-requests.ts'
import { isSecure } from './is-secure.ts'
import { createClientErrorHandler } from './refuse-client.ts'
import { suggestApplications } from './suggest-application.ts'
import { addSecurityHeaders, securityHeaders } from './security-headers.ts'

/** What the API works with. */
export interface Ports {
  /** What failures are counted in. */
  redis: RedisClient
  records: Records
  /** Deployments that the record no longer has, where the settings name an archive. */
  archive?: Archive | undefined
  queues: Queues
  presence: Presence
  signedOut: SignedOutSessions
  access: Access
  identities: Identities
  /** Who signs in with an identity provider, where the settings name one. */
  people?: People | undefined
  /** The tokens that people make, where the settings allow to keep them. */
  apiTokens?: ApiTokens | undefined
  auditLog: AuditLog
  auditSink: Pick<AuditSink, 'write'>
  isRedisReachable: RedisProbe
  /** The memory of Redis as it was seen last. */
  redisMemory?: (() => RedisMemory | undefined) | undefined
  clock: Pick<Clock, 'now' | 'sleep' | 'startStopwatch'>
  log: FastifyBaseLogger
  /** Adds hooks that measure what the API does. */
  measure?: ((app: FastifyInstance) => void) | undefined
  tracing?: Tracing | undefined
}

export type AppOptions = Pick<ApiConfig, 'clusters' | 'cookieSecret' | 'pageFolder' | 'prefix' | 'url'> & {
  proxies?: ApiConfig['proxies']
  /** The folder of the documentation's site. */
  helpFolder?: string | undefined
  /** Certificate and key in PEM, with which it serves HTTPS. */
  tls?: { cert: string; key: string } | undefined
  /** How often viewers are pinged; 20 s. */
  heartbeatMs?: number
}

const largestBodyBytes = 256 * 1024
const requestTimeoutMs = 30_000
/** A viewer sends nothing but pings and the end of its connection. */
const largestMessageBytes = 1024

/** Builds the API on its ports. It listens when it is told to, or answers `inject`; closing it sends viewers away. */
export async function buildApp(ports: Ports, options: AppOptions): Promise<FastifyInstance> {
  const {
    redis,
    records,
    queues,
    presence,
    signedOut,
    access,
    identities,
    people,
    apiTokens,
    isRedisReachable,
    clock,
  } = ports
  const { clusters, heartbeatMs = 20_000 } = options
  const app = createServer(ports, options)
  app.decorate('audit', createAudit({ auditLog: ports.auditLog, sink: ports.auditSink }))
  addEntityTags(app)
  await app.register(compress)
  const failures = await createFailureLimit(app, { redis, prefix: options.prefix })
  const auth = createAuth({ ...options, identities, people, failures, clock, signedOut })
  await app.register(cookie)
  const closing = await acceptViewers(app, { heartbeatMs })
  app.decorate('answerWhenChanged', createAnswerWhenChanged({ ...records, closing, clock, signedOut, access }))
  await collectOpenApi(app)

  registerHealth(app, { isRedisReachable, redis, prefix: options.prefix })
  registerSchemas(app)
  registerSignIn(app, { auth })
  await registerSignInPage(app, { auth, people })
  registerExchange(app, { access, apiTokens, verify: createVerifyIdToken(clock), clock, failures })
  await app.register(async (open) => {
    open.addHook('onRequest', (request) => failures.countOpen(request))
    registerPeople(open, { people, auth, isSecure: isSecure(options) })
  })
  const servePage = await registerPage(app, options)
  await app.register(async (api) => {
    api.addHook('onRequest', (request, reply) => auth.authenticate(request, reply))
    suggestApplications(api, records)
    registerSession(api, { auth, ...records })
    registerAudit(api, ports)
    registerTokens(api, { access, apiTokens, signedOut, clock })
    registerApplications(api, { ...records, rules: access, clock })
    registerSchedules(api, records)
    registerBadge(api, records)
    registerOverview(api, { ...records, rules: access, clock })
    registerQuestions(api, ports, options)
    registerWorkers(api, { ...records, presence, queues, clusters, clock, redisMemory: ports.redisMemory })
    registerSteering(api, { ...records, queues, rules: access, clock })
    registerEvents(api, { ...withArchive(ports), isRedisReachable, closing, heartbeatMs, clock, signedOut, access })
  })
  await registerOtherPages(app, { auth, ports })
  app.setNotFoundHandler(createNotFoundHandler({ auth, servePage }))
  return app
}

/** Adds the pages that others have made: of the API's routes, and of the queues. */
async function registerOtherPages(app: FastifyInstance, { auth, ports }: { auth: Auth; ports: Ports }): Promise<void> {
  const { records, queues, access, clock } = ports
  await app.register(async (pages) => {
    pages.addHook('onRequest', createPageGuard(auth, pages))
    await registerDocs(pages)
    await registerQueues(pages, { ...records, queues, rules: access, clock })
  })
}

/** Adds what a worker or the archive answers, of which each caller gets little at once. */
function registerQuestions(api: FastifyInstance, ports: Ports, { clusters }: Pick<AppOptions, 'clusters'>): void {
  const { records, queues, access: rules, clock, tracing } = ports
  const asked = { ...records, queues, clusters, slots: createCallerSlots(), rules, clock, tracing }
  registerDeployments(api, { ...asked, ...withArchive(ports) })
  registerPlans(api, asked)
  registerConverge(api, asked)
  registerHosts(api, asked)
  registerInspection(api, asked)
}

function createServer(
  { isRedisReachable, log, measure, tracing }: Pick<Ports, 'isRedisReachable' | 'log' | 'measure' | 'tracing'>,
  { proxies = [], tls, url }: Pick<AppOptions, 'proxies' | 'tls' | 'url'>,
): FastifyInstance {
  const handleError = createErrorHandler(isRedisReachable)
  const headers = securityHeaders({ isSecure: isSecure({ tls, url }) })
  const app = fastify({
    // Its types have a server of their own for HTTPS.
    https: (tls ?? null) as null,
    loggerInstance: log,
    genReqId: requestIdOf,
    trustProxy: proxies.length > 0 && proxies,
    // One line for a request, below.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request' }),
    bodyLimit: largestBodyBytes,
    requestTimeout: requestTimeoutMs,
    clientErrorHandler: createClientErrorHandler(headers),
    frameworkErrors(error, request, reply) {
      // No hooks run for an address that is none: of a handshake, nobody else would close the connection.
      reply.headers({ ...headers, [requestIdHeader]: request.id })
      reply.raw.once('finish', () => request.raw.socket.destroySoon())
      void handleError(error, request as FastifyRequest, reply as FastifyReply)
    },
  })
  app.setErrorHandler(handleError)
  app.setValidatorCompiler(validatorCompiler as never)
  // What is sent comes from the record, which holds what was checked on its way in.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.decorateRequest('caller')
  app.decorateRequest('identity')
  app.decorateRequest('sessions')
  app.addHook('onRequest', nameRequest)
  if (tracing) traceRequests(app, tracing)
  app.addHook('onResponse', logResponse)
  measure?.(app)
  addSecurityHeaders(app, headers)
  // Node would answer by itself.
  app.server.on('checkExpectation', (_request, response) => response.writeHead(417, headers).end())
  return app
}

function nameRequest(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  reply.header(requestIdHeader, request.id)
  done()
}

function logResponse(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const { method, url, caller, log } = request
  const { statusCode, elapsedTime } = reply
  const deployment = deploymentOf(request)
  const durationMs = Math.round(elapsedTime)
  log.info({ deployment, method, url, statusCode, durationMs, caller: caller?.name }, 'request answered')
  done()
}

/** Adds WebSockets. Gives the signal that is aborted when the API closes, which waits for viewers to go. */
async function acceptViewers(app: FastifyInstance, { heartbeatMs }: { heartbeatMs: number }): Promise<AbortSignal> {
  const closing = new AbortController()
  await app.register(websocket, {
    options: { maxPayload: largestMessageBytes },
    preClose: (done) => {
      closing.abort()
      closeViewers(app.websocketServer).then(() => done(), done)
    },
  })
  refusePipelinedUpgrades(app.server)
  // A connection that became idle after the server was closed would keep it open for as long as it may be kept alive.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing.signal.aborted) reply.header('connection', 'close')
    done()
  })
  const heartbeat = startHeartbeat(app.websocketServer, { intervalMs: heartbeatMs })
  app.addHook('onClose', async () => heartbeat[Symbol.dispose]())
  return closing.signal
}

function createNotFoundHandler({ auth, servePage }: { auth: Auth; servePage: ServePage }) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const page = await servePage(request, reply)
    if (page) return page
    await auth.authenticate(request, reply)
    throw new VesemirError('NOT_FOUND', `${request.method} ${request.url.split('?')[0]} not found`)
  }
}
