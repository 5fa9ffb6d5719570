import { Server } from 'node:https'
import type { AuditFact } from '@vesemir/contract'
import { isVesemirError, type Clock } from '@vesemir/core'
import { createApiTokens, createPersonSessions, createSeal } from '@vesemir/store/credential'
import { createArchive, openArchiveStorage, type Archive } from '@vesemir/store/archive'
import { createAuditLog } from '@vesemir/store/audit'
import { createRedisClock } from '@vesemir/store/clock'
import { createPresence } from '@vesemir/store/presence'
import { createQueues } from '@vesemir/store/queue'
import { createRecords } from '@vesemir/store/record'
import {
  checkRedis,
  logLoss,
  readRedisAccess,
  reportConnectionErrors,
  reportOnce,
  watchRedisMemory,
  type RedisClient,
} from '@vesemir/store/redis'
import { prepareSchema } from '@vesemir/store/schema'
import type { Seals } from '@vesemir/store/seal'
import { createSignedOutSessions, type SignedOutSessions } from '@vesemir/store/session'
import { createSupervisor, runService, untilSignalled, type Supervisor } from '@vesemir/process/lifecycle'
import type { Log } from '@vesemir/process/log'
import { createMasker } from '@vesemir/process/masking'
import { serveMonitoring } from '@vesemir/process/monitoring'
import { readServerTls } from '@vesemir/process/tls'
import { openLog } from '@vesemir/process/tracing'
import type { FastifyInstance } from 'fastify'
import { createAccess, type Access } from './access-settings.ts'
import { buildApp } from './app.ts'
import { builtHelp } from './built-folders.ts'
import { createAuditSink } from './audit-sink.ts'
import { readConfig, type ApiConfig } from './config.ts'
import { connectRedis } from './connect-redis.ts'
import { keepConverged } from './converge/keep-converged.ts'
import { createIdentities } from './identities.ts'
import { keepAudit } from './keep-audit.ts'
import { createPeople } from './people/people.ts'
import { openApiMetrics } from './metrics.ts'
import { readSeals } from './read-seals.ts'
import { reloadAccess } from './reload.ts'

/** People see no difference below a tenth of a second, and each piece of news is a message to every viewer. */
const newsRestMs = 80

const masker = createMasker()
await runService({ variable: 'VESEMIR_API_CONFIG', readSettings: readConfig, check: readFiles, run: serve, masker })

/** Reads what the settings name: keys, certificates and passwords. @throws {VesemirError} `CONFIG_INVALID` */
async function readFiles(config: ApiConfig, env: NodeJS.ProcessEnv): Promise<void> {
  await readSeals(config, env)
  await readRedisAccess(config)
  if (config.tls) await readServerTls(config.tls)
  if (config.archive) await openArchiveStorage(config.archive, { env })
}

/** Serves until SIGTERM or SIGINT; then viewers are told to come back, and what is being answered is. */
async function serve(config: ApiConfig, env: NodeJS.ProcessEnv): Promise<void> {
  const { clusters, prefix, logLevel: level } = config
  const { log, tracing } = await openLog({ program: 'api', env, level, masker })
  await using _traces = tracing
  const onError = reportConnectionErrors((err) => log.warn({ err }, 'connection to Redis failed'))
  const onInvalid = reportOnce((err) => log.error({ err }, 'invalid data in Redis'))
  const seals = await readSeals(config, env)
  if (config.orders === 'unsigned') log.warn('orders are not signed: whoever can write to Redis can start deployments')
  using connection = await connectRedis(await readRedisAccess(config), { onError })
  const { redis, isReachable: isRedisReachable } = connection
  using clock = createRedisClock(redis)
  await clock.ready
  await checkRedis(redis, { prefix, log, ...config.redis })
  await checkSchema(redis, { clock, prefix, log })
  await using records = createRecords(redis, { clock, seals, prefix, newsRestMs, onInvalid, onLoss: logLoss(log) })
  await using queues = createQueues(redis, { clusters, clock, seals, prefix, onError })
  const presence = createPresence(redis, { clock, prefix, onInvalid })
  await using signedOut = createSignedOutSessions(redis, config)
  const access = createAccess(config)
  const auditLog = createAuditLog(redis, { clock, prefix: config.prefix, onInvalid })
  using auditSink = createAuditSink(config.audit, log)
  const { apiTokens, people } = openCredentials(config, { redis, clock, access, signedOut })
  const identities = createIdentities({ access, apiTokens, people })
  await using _kept = keepAudit(config.audit, { auditLog, auditSink, clock, log })
  const record = async (fact: AuditFact) => auditSink.write(await auditLog.append(fact))
  const measured = config.metrics && (await openApiMetrics({ redis, queues, presence, clock, ...config.redis }))
  await using _monitoring = config.metrics && (await serveMonitoring(config.metrics, measured!))
  await using memory = watchRedisMemory(redis, { clock, log, ...config.redis })
  const app = await buildApp(
    {
      redis,
      records,
      archive: await openArchive(config, { env, seals }),
      queues,
      presence,
      signedOut,
      access,
      identities,
      people,
      apiTokens,
      auditLog,
      auditSink,
      isRedisReachable,
      redisMemory: () => memory.latest(),
      clock,
      log,
      measure: measured?.measure,
      tracing,
    },
    { ...config, helpFolder: builtHelp(), tls: config.tls && (await readServerTls(config.tls)) },
  )
  const scheduled = { ...records, queues, clusters, identities, rules: access, clock, log, record, tracing }
  await using _schedules = keepConverged(scheduled)
  using supervisor = createSupervisor(env, (err) => log.warn({ err }, 'systemd not notified'))
  using _reload = reloadAccess({ env, access, people, replaceTls: replaceTlsOf(app), log, record, supervisor })
  await listen(app, { config, supervisor, log })
}

/** Listens until SIGTERM or SIGINT, and closes. */
async function listen(app: FastifyInstance, { config, supervisor, log }: ListenPorts): Promise<void> {
  const signal = untilSignalled()
  await app.listen({ host: config.host, port: config.port })
  supervisor.ready()
  log.info({ signal: await signal }, 'closing')
  supervisor.stopping()
  await app.close()
}

interface ListenPorts {
  config: ApiConfig
  supervisor: Pick<Supervisor, 'ready' | 'stopping'>
  log: Pick<Log, 'info'>
}

/** Makes what gives new connections another certificate. */
function replaceTlsOf({ server }: FastifyInstance) {
  return async ({ tls }: ApiConfig) => {
    if (tls && server instanceof Server) server.setSecureContext(await readServerTls(tls))
  }
}

/** Refuses data that this version would misread. @throws {VesemirError} `SCHEMA_TOO_NEW` */
async function checkSchema(
  redis: RedisClient,
  { clock, prefix, log }: { clock: Clock; prefix: string; log: Log },
): Promise<void> {
  await prepareSchema(redis, { clock, prefix }).catch((err: unknown) => {
    if (isVesemirError(err, 'SCHEMA_TOO_NEW')) throw err
    log.warn({ err }, 'the schema in Redis is not checked')
  })
}

/** Opens the archive that the settings name. Throws as `openArchiveStorage`. */
async function openArchive(
  { archive }: ApiConfig,
  { env, seals }: { env: NodeJS.ProcessEnv; seals: Seals },
): Promise<Archive | undefined> {
  if (!archive) return undefined
  return createArchive({ storage: await openArchiveStorage(archive, { env, masker }), seals })
}

interface CredentialPorts {
  redis: RedisClient
  clock: Pick<Clock, 'now'>
  access: Access
  signedOut: SignedOutSessions
}

/** Opens what is kept of tokens and sessions, which takes a secret that all API processes have. */
function openCredentials({ cookieSecret: secret, prefix, signIn, url }: ApiConfig, ports: CredentialPorts) {
  const { redis, clock } = ports
  if (secret === undefined) return {}
  const apiTokens = createApiTokens(redis, { prefix, secret, clock })
  if (url === undefined) return { apiTokens }
  const sessions = createPersonSessions(redis, { prefix, secret, clock })
  const people = createPeople({ ...ports, settings: signIn, sessions, seal: createSeal(secret), url })
  return { apiTokens, people }
}
