import { createHash, randomUUID } from 'node:crypto'
import { createSystemClock } from '@vesemir/process/clock'
import type { Archive } from '@vesemir/store/archive'
import { createAuditLog } from '@vesemir/store/audit'
import { createPresence, type Presence } from '@vesemir/store/presence'
import { createQueues, type Queues } from '@vesemir/store/queue'
import { createRecords, type Records } from '@vesemir/store/record'
import { createApiTokens, createPersonSessions, createSeal, type ApiTokens } from '@vesemir/store/credential'
import { testSeals } from '@vesemir/store/seal/testing'
import { createSignedOutSessions } from '@vesemir/store/session'
import type { RedisServer } from '@vesemir/testing/start-redis'
import { ApplicationDefinition, type RedisMemory, type Role } from '@vesemir/contract'
import type { Clock } from '@vesemir/core'
import { createLog } from '@vesemir/process/log'
import type { FastifyInstance } from 'fastify'
import { buildApp, type AppOptions } from '../app.ts'
import type { ProviderSettings, TokenSettings } from '../config.ts'
import type { AuditSink } from '../audit-sink.ts'
import { connectRedis } from '../connect-redis.ts'
import { createAccess, type Access, type AccessSettings } from '../access-settings.ts'
import { createIdentities } from '../identities.ts'
import { createPeople, type People } from '../people/people.ts'

/** An API on a Redis of its own prefix, listening on a free loopback port. */
export interface TestApi extends AsyncDisposable {
  app: FastifyInstance
  records: Records
  queues: Queues
  presence: Presence
  access: Access
  people: People | undefined
  apiTokens: ApiTokens
  url: string
  /** The address for WebSockets. */
  socketUrl: string
  /** What its keys in Redis start with. */
  prefix: string
  log: Record<string, unknown>[]
}

/** Tests act as workers too. */
export const seals = testSeals().both

const tokensOfRoles: TokenSettings = Object.fromEntries(
  (['viewer', 'deployer', 'admin'] as const).map((role) => [`${role}-name`, { role, sha256: sumOf(tokenOf(role)) }]),
)

const cookieSecret = 'a secret of more than 32 characters'

/** The token of `viewer-name`, `deployer-name` or `admin-name`. */
export function tokenOf(role: Role): string {
  return `${role}-token-0123456789`
}

/** The header that a program of this role sends. */
export function bearer(role: Role): { authorization: string } {
  return { authorization: `Bearer ${tokenOf(role)}` }
}

interface TestOptions {
  answerTimeoutMs?: number
  clock?: Clock
  prefix?: string
  signIn?: Record<string, ProviderSettings>
  /** A free one unless given. */
  port?: number
  auditSink?: Pick<AuditSink, 'write'>
  archive?: Archive
  redisMemory?: RedisMemory
}

/** Starts the API as main.ts does, its log kept. With the prefix of another it is a second process of the same. */
export async function startApi(
  server: RedisServer,
  {
    answerTimeoutMs,
    clock = createSystemClock(),
    prefix = randomUUID(),
    tokens = tokensOfRoles,
    grants,
    ci,
    protections,
    auditSink = { write: async () => {} },
    signIn,
    port = 0,
    archive,
    redisMemory,
    ...options
  }: Partial<AppOptions & AccessSettings> & TestOptions = {},
): Promise<TestApi> {
  const log: Record<string, unknown>[] = []
  const connection = await connectRedis({ address: server.url, options: {} }, { onError: () => {} })
  const clusters = ['eu', 'us']
  const records = createRecords(connection.redis, { clock, seals, prefix })
  const queues = createQueues(connection.redis, {
    clusters,
    clock,
    seals,
    prefix,
    ...(answerTimeoutMs === undefined ? {} : { answerTimeoutMs }),
  })
  const presence = createPresence(connection.redis, { clock, prefix })
  const signedOut = createSignedOutSessions(connection.redis, { prefix })
  const apiTokens = createApiTokens(connection.redis, { prefix, secret: cookieSecret, clock })
  const access = createAccess({ tokens, grants, ci, protections })
  const people =
    signIn &&
    createPeople({
      settings: signIn,
      sessions: createPersonSessions(connection.redis, { prefix, secret: cookieSecret, clock }),
      seal: createSeal(cookieSecret),
      clock,
      url: options.url!,
      access,
      signedOut,
    })
  const identities = createIdentities({ access, apiTokens, people })
  const app = await buildApp(
    {
      redis: connection.redis,
      records,
      archive,
      queues,
      presence,
      signedOut,
      access,
      identities,
      people,
      apiTokens,
      auditLog: createAuditLog(connection.redis, { clock, prefix }),
      auditSink,
      isRedisReachable: connection.isReachable,
      redisMemory: () => redisMemory,
      clock,
      log: createLog({ stream: { write: (line) => void log.push(JSON.parse(line) as (typeof log)[number]) } }),
    },
    { clusters, cookieSecret, prefix, ...options },
  )
  const url = await app.listen({ host: '127.0.0.1', port })
  return {
    app,
    records,
    queues,
    presence,
    access,
    people,
    apiTokens,
    url,
    prefix,
    socketUrl: url.replace('http:', 'ws:'),
    log,
    async [Symbol.asyncDispose]() {
      await app.close()
      await signedOut[Symbol.asyncDispose]()
      await queues[Symbol.asyncDispose]()
      await records[Symbol.asyncDispose]()
      connection[Symbol.dispose]()
    },
  }
}

/** An application that is complete for environment `production`. */
export function anApplication(changes: object = {}): ApplicationDefinition {
  return ApplicationDefinition.parse({
    name: 'payments',
    team: 'core',
    cluster: 'eu',
    loadBalancer: { kind: 'none' },
    changeset: { strategy: 'command', commands: ['true'] },
    service: { restart: 'sv restart payments' },
    healthCheck: { kind: 'tcp', port: 8080 },
    environments: { production: {} },
    ...changes,
  })
}

function sumOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
