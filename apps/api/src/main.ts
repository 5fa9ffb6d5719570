import { createApiTokens } from '@vesemir/store/credential'
import { createRedisClock } from '@vesemir/store/clock'
import { createQueues } from '@vesemir/store/queue'
import { createRecords } from '@vesemir/store/record'
import { reportOnce } from '@vesemir/store/redis'
import { createSignedOutSessions } from '@vesemir/store/session'
import { runProcess, untilSignalled } from '@vesemir/process/lifecycle'
import { createLog } from '@vesemir/process/log'
import { buildApp } from './app.ts'
import { readConfig, type ApiConfig } from './config.ts'
import { connectRedis } from './connect-redis.ts'
import { createIdentities } from './identities.ts'
import { reloadOnHangUp } from './reload.ts'

const logFlushIntervalMs = 100

/** People see no difference below a tenth of a second, and each piece of news is a message to every viewer. */
const newsRestMs = 80

await runProcess(async () => serve(await readConfig(process.env)))

/** Serves until SIGTERM or SIGINT; then viewers are told to come back, and what is being answered is. */
async function serve(config: ApiConfig): Promise<void> {
  const log = createLog({ level: config.logLevel, flushIntervalMs: logFlushIntervalMs })
  const onError = (err: Error) => log.warn({ err }, 'redis connection failed')
  const onInvalid = reportOnce((err) => log.error({ err }, 'invalid data in Redis'))
  using connection = await connectRedis(config.redis, onError)
  const { redis, isReachable: isRedisReachable } = connection
  using clock = createRedisClock(redis)
  await clock.ready
  await using records = createRecords(redis, { clock, prefix: config.prefix, newsRestMs, onInvalid })
  await using queues = createQueues(redis, { clusters: config.clusters, prefix: config.prefix, onError })
  await using signedOut = createSignedOutSessions(redis, config)
  const { cookieSecret: secret, prefix } = config
  const apiTokens = secret === undefined ? undefined : createApiTokens(redis, { prefix, secret, clock })
  const identities = createIdentities(config, { apiTokens })
  using _reload = reloadOnHangUp({ env: process.env, identities, log })
  const app = await buildApp(
    { redis, records, queues, signedOut, identities, apiTokens, isRedisReachable, clock, log },
    config,
  )
  const signal = untilSignalled()
  await app.listen({ host: config.host, port: config.port })
  log.info({ signal: await signal }, 'closing')
  await app.close()
}
